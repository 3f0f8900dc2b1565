import Basics
import Foundation

/// The fields of one object in a file that lerobot wrote, each asked for by its key and with its rule.
///
/// Fields nobody asks for are let be: lerobot's files have many that only training reads.
struct LeRobotFields {
    let path: String
    /// Keys from the file's top to this object, for messages.
    private let place: [String]
    private let members: [JSONMember]

    /// - Throws: `Failure`: `inputMissing` without such a file, `data` when it is no JSON object.
    init(file path: String) throws {
        guard FileSystem.exists(path) else {
            throw Failure(
                .inputMissing, "a file of a lerobot policy is missing", at: path, expected: "what lerobot's save_pretrained writes", found: "no such file",
                remedy: Self.remedy)
        }
        try self.init(JSONValue.parse(FileSystem.read(path), from: path), path, [])
    }

    private init(_ value: JSONValue, _ path: String, _ place: [String]) throws {
        (self.path, self.place) = (path, place)
        guard case .object(let members) = value else {
            throw Failure(
                .data, "a lerobot policy's file has another form", at: Self.location(path, place), expected: "an object", found: value.shown, remedy: Self.remedy)
        }
        self.members = members
    }

    static let remedy = "copy the whole pretrained_model folder again"

    private static func location(_ path: String, _ place: [String]) -> String {
        place.isEmpty ? path : "\(path): \(place.joined(separator: "."))"
    }

    /// Where a field stands, for messages.
    func location(_ key: String) -> String { Self.location(path, place + [key]) }

    /// A field's value is one that this program does not know.
    func refused(_ key: String, expected: String, found: String, remedy: String? = nil) -> Failure {
        Failure(
            .data, "the lerobot policy asks for what is not supported", at: location(key), expected: expected, found: found,
            remedy: remedy ?? "run such a policy with lerobot itself")
    }

    var keys: [String] { members.map(\.key) }

    /// Nil where the field is absent or null.
    func value(_ key: String) -> JSONValue? {
        let found = members.first { $0.key == key }?.value
        return found == .null ? nil : found
    }

    private func required(_ key: String) throws -> JSONValue {
        guard let value = value(key) else {
            throw Failure(
                .data, "a field is missing", at: location(key), expected: "a value", found: keys.contains(key) ? "null" : "no such field", remedy: Self.remedy)
        }
        return value
    }

    func object(_ key: String) throws -> LeRobotFields { try LeRobotFields(required(key), path, place + [key]) }

    /// The objects of a list.
    func objects(_ key: String) throws -> [LeRobotFields] {
        guard case .array(let values) = try required(key) else { throw refused(key, expected: "a list", found: try required(key).shown) }
        return try values.enumerated().map { try LeRobotFields($1, path, place + ["\(key)[\($0)]"]) }
    }

    func integer(_ key: String, _ range: ClosedRange<Int>) throws -> Int {
        try Self.integer(required(key), in: range) { refused(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)", found: $0) }
    }

    func integers(_ key: String, _ range: ClosedRange<Int>, count: ClosedRange<Int>) throws -> [Int] {
        let numbers = count.lowerBound == count.upperBound ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
        func failure(_ found: String) -> Failure {
            refused(key, expected: "\(numbers) whole numbers from \(range.lowerBound) to \(range.upperBound)", found: found)
        }
        let value = try required(key)
        guard case .array(let values) = value, count.contains(values.count) else { throw failure(value.shown) }
        return try values.map { try Self.integer($0, in: range, failure) }
    }

    private static func integer(_ value: JSONValue, in range: ClosedRange<Int>, _ failure: (String) -> Failure) throws -> Int {
        guard case .number(let number) = value, let whole = Int(exactly: number), range.contains(whole) else { throw failure(value.shown) }
        return whole
    }

    func number(_ key: String, expected: String, where isAllowed: (Double) -> Bool) throws -> Double {
        let value = try required(key)
        guard case .number(let number) = value, isAllowed(number) else { throw refused(key, expected: expected, found: value.shown) }
        return number
    }

    func flag(_ key: String) throws -> Bool {
        let value = try required(key)
        guard case .bool(let flag) = value else { throw refused(key, expected: "true or false", found: value.shown) }
        return flag
    }

    func text(_ key: String) throws -> String {
        let value = try required(key)
        guard case .string(let text) = value else { throw refused(key, expected: "a text", found: value.shown) }
        return text
    }

    /// The meaning of one of the words that are known.
    func choice<Meaning>(_ key: String, _ words: KeyValuePairs<String, Meaning>) throws -> Meaning {
        let word = try text(key)
        guard let known = words.first(where: { $0.key == word }) else {
            throw refused(key, expected: words.map(\.key).joined(separator: " or "), found: word)
        }
        return known.value
    }
}
