import Basics
import Crypto
import Foundation

/// What a stage depends on: parts of the settings, files, earlier stages. Equal fingerprints mean nothing to do.
public struct Fingerprint: Codable, Equatable, Sendable {
    /// Digest by the name of the part.
    public private(set) var parts: [String: String] = [:]

    public init() {}

    /// A text that decides the result, for instance the version of an algorithm.
    public mutating func add(_ name: String, text: String) { parts[name] = FileHash.sha256(text: text) }

    /// A file, by content; one that is absent counts as such.
    public mutating func add(file path: String) throws {
        parts["file \(path)"] = FileSystem.exists(path) ? try FileHash.sha256(path) : "absent"
    }

    /// An earlier stage of the same run: whatever changed there changes this stage too.
    public mutating func add(stage name: String, of run: RunContext) throws {
        parts["stage \(name)"] = try StageMarker.read(name, in: run.folder)?.fingerprint.digest ?? "not finished"
    }

    /// 64 hexadecimal digits over all parts.
    public var digest: String {
        FileHash.sha256(text: parts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined())
    }

    /// Names of the parts that differ.
    func differences(from other: Fingerprint) -> [String] {
        Set(parts.keys).union(other.parts.keys).filter { parts[$0] != other.parts[$0] }.sorted()
    }
}

/// `stages/<name>.json`: written after a stage succeeded, read to skip it.
struct StageMarker: Codable, Equatable {
    var name: String
    var fingerprint: Fingerprint
    var outputs: [String]

    private static func path(_ name: String, _ folder: RunFolder) -> String { folder.path("stages/\(name).json") }

    /// nil when the stage has not finished.
    static func read(_ name: String, in folder: RunFolder) throws -> StageMarker? {
        guard FileSystem.exists(path(name, folder)) else { return nil }
        return try JSONFile.read(StageMarker.self, from: path(name, folder))
    }

    func write(in folder: RunFolder) throws { try JSONFile.write(self, to: Self.path(name, folder)) }

    /// Called before the stage works, so that a crash half-way cannot look finished.
    static func remove(_ name: String, in folder: RunFolder) throws { try FileSystem.remove(path(name, folder)) }

    /// Why the stage must run, or nil when it is unchanged.
    func reasonToRun(_ current: Fingerprint, in folder: RunFolder) -> String? {
        let changed = current.differences(from: fingerprint)
        if !changed.isEmpty { return "changed: \(changed.joined(separator: ", "))" }
        if let missing = outputs.first(where: { !FileSystem.exists(folder.path($0)) }) { return "missing: \(missing)" }
        return nil
    }
}

/// SHA-256 of a file's content, read in pieces.
public enum FileHash {
    /// - Returns: 64 hexadecimal digits.
    /// - Throws: `Failure` (`inputMissing` or `inputOutput`).
    public static func sha256(_ path: String) throws -> String {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Failure(
                FileSystem.exists(path) ? .inputOutput : .inputMissing, "cannot open a file", at: path,
                found: FileSystem.exists(path) ? "no permission to read" : "no such file")
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

    /// SHA-256 of a text, 64 hexadecimal digits.
    public static func sha256(text: String) -> String { SHA256.hash(data: Data(text.utf8)).hexadecimal }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits per byte.
    fileprivate var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
