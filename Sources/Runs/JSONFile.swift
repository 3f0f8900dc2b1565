import Basics
import Foundation

/// JSON with sorted keys, two-space indentation and snake case, written whole.
public enum JSONFile {
    /// - Throws: `Failure` when the file cannot be written.
    public static func write(_ value: some Encodable, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let data: Data
        do {
            data = try encoder.encode(value)
        } catch {
            throw Failure(.defect, "cannot write a value as JSON", at: path, found: "\(error)")
        }
        try AtomicFile.write(data + Data("\n".utf8), to: path)
    }

    /// - Throws: `Failure` (`data`) when the content is not what this program writes.
    public static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
        let data = try FileSystem.read(path)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(type, from: data)
        } catch {
            throw Failure(
                .data, "a file of the run cannot be read", at: path, expected: "JSON as this program writes it", found: "\(error)",
                remedy: "remove the file and run again")
        }
    }
}
