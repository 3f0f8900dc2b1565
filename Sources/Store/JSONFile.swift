import Basics
import Foundation

/// JSON with sorted keys, two-space indentation and snake case, written whole.
public enum JSONFile {
    /// - Throws: `Failure` when the file cannot be written.
    public static func write(_ value: some Encodable, to path: String) throws {
        try AtomicFile.write(encoded(value, for: path), to: path)
    }

    /// - Throws: `Failure` (`data`) when the content is not what this program writes.
    public static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
        try decoded(type, FileSystem.read(path), from: path)
    }

    /// The same in one line, for standard output.
    public static func line(_ value: some Encodable) throws -> String {
        String(decoding: try encoded(value, for: "standard output", .init()).dropLast(), as: UTF8.self)
    }

    fileprivate static func encoded(_ value: some Encodable, for path: String, _ format: JSONEncoder.OutputFormatting = .prettyPrinted) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format.union([.sortedKeys, .withoutEscapingSlashes])
        encoder.keyEncodingStrategy = .convertToSnakeCase
        do {
            return try encoder.encode(value) + Data("\n".utf8)
        } catch {
            throw Failure(.defect, "cannot write a value as JSON", at: path, found: "\(error)")
        }
    }

    fileprivate static func decoded<Value: Decodable>(_ type: Value.Type, _ data: Data, from path: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: data)
        } catch {
            throw Failure(
                .data, "a file of a run cannot be read", at: path, expected: "JSON as this program writes it", found: "\(error)",
                remedy: "remove the file and run again")
        }
    }
}

/// A JSON object that carries the SHA-256 of everything else in it, so that one changed bit is noticed:
///
///     {
///       "sha256" : "5891b5b5...",
///       "step" : 500
///     }
public enum SealedJSON {
    private static let opening = Data("{\n".utf8)

    private static func seal(_ content: Data) -> Data { Data("  \"sha256\" : \"\(FileHash.sha256(content))\",\n".utf8) }

    /// - Parameter value: encodes as an object that is not empty.
    public static func write(_ value: some Encodable, to path: String) throws {
        let content = try JSONFile.encoded(value, for: path)
        precondition(content.starts(with: opening), "\(path): only an object can be sealed")
        try AtomicFile.write(opening + seal(content) + content.dropFirst(opening.count), to: path)
    }

    /// - Throws: `Failure` (`data`) when the file is not as it was written.
    public static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
        let data = try FileSystem.read(path), length = seal(Data()).count
        let content = data.prefix(opening.count) + data.dropFirst(opening.count + length)
        guard data.starts(with: opening), data.dropFirst(opening.count).starts(with: seal(content)) else {
            throw Failure(
                .data, "a file is not as it was written", at: path, expected: "the SHA-256 in its second line to be that of its content",
                found: "another", remedy: "run again: it is set aside and made again")
        }
        return try JSONFile.decoded(type, content, from: path)
    }
}
