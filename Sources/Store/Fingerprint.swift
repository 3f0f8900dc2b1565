import Basics
import Crypto
import Foundation

/// What something was made from: settings, seeds, files by content, other fingerprints. Equal fingerprints, equal results.
public struct Fingerprint: Codable, Hashable, Sendable {
    /// Text by the name of the part: a value, resolved settings, or the SHA-256 of a file or of another fingerprint.
    public private(set) var parts: [String: String] = [:]

    public init() {}

    /// A text that decides the result.
    public mutating func add(_ name: String, text: String) {
        precondition(parts.updateValue(text, forKey: name) == nil, "the part \(name) was added twice")
    }

    /// A list of names whose order matters.
    public mutating func add(_ name: String, list: [String]) { add(name, text: list.joined(separator: "\n")) }

    /// What was made before and is used here.
    public mutating func add(_ name: String, _ other: Fingerprint) { add(name, text: other.digest) }

    /// A file, by content; one that is absent counts as such.
    public mutating func add(_ name: String, file path: String) throws {
        add(name, text: FileSystem.exists(path) ? try FileHash.sha256(path) : "absent")
    }

    /// 64 hexadecimal digits over all parts.
    public var digest: String {
        // Lengths stand in front, so that no text can pass for two parts.
        FileHash.sha256(text: parts.sorted { $0.key < $1.key }.map { "\($0.key.utf8.count) \($0.key)=\($0.value.utf8.count) \($0.value)\n" }.joined())
    }

    /// Names of the parts that differ.
    public func differences(from other: Fingerprint) -> [String] {
        Set(parts.keys).union(other.parts.keys).filter { parts[$0] != other.parts[$0] }.sorted()
    }
}

/// SHA-256 of contents, as 64 hexadecimal digits.
public enum FileHash {
    /// Of a file, read in pieces.
    /// - Throws: `Failure` (`inputMissing` or `inputOutput`).
    public static func sha256(_ path: String) throws -> String {
        let kind = FileSystem.kind(path)
        guard kind == .file, let file = FileHandle(forReadingAtPath: path) else {
            throw Failure(
                kind == nil ? .inputMissing : .inputOutput, "cannot open a file", at: path,
                found: kind.map { $0 == .file ? "no permission to read" : $0.rawValue } ?? "no such file")
        }
        var hash = SHA256()
        do {
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { hash.update(data: piece) }
            try file.close()
        } catch {
            throw Failure(.inputOutput, "cannot read a file", at: path, found: error.localizedDescription)
        }
        return hash.finalize().hexadecimal
    }

    public static func sha256(_ data: Data) -> String { SHA256.hash(data: data).hexadecimal }
    public static func sha256(text: String) -> String { sha256(Data(text.utf8)) }
}

/// The SHA-256 of values that are added one after another.
public struct ContentHash {
    private var hash = SHA256()

    public init() {}

    /// The bytes of numbers as they lie in memory.
    public mutating func add(_ values: [some BitwiseCopyable]) { values.withUnsafeBytes { hash.update(bufferPointer: $0) } }

    public var text: String { hash.finalize().hexadecimal }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits per byte.
    fileprivate var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
