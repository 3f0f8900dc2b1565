import Foundation

/// A JSON value whose objects keep the order of their keys: for files of other programs, where the order means something.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// - Throws: `Failure` (`data`) for what is no JSON, for a key that an object has twice, and for arrays and objects nested
    ///   deeper than 64.
    public static func parse(_ data: Data, from path: String) throws -> JSONValue {
        var scanner = JSONScanner(Array(data), path: path)
        return try scanner.whole()
    }

    /// A member of an object; nil where there is none, or this is no object.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// As it would be written, shortened.
    public var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): SignificantDigits.shortened(value, digits: 9)
        case .string(let text): JSONText.quoted(text)
        case .array(let values):
            "[\(values.prefix(8).map(\.shown).joined(separator: ", "))\(values.count > 8 ? ", ..." : "")]"
        case .object(let members): "an object of \(members.isEmpty ? "nothing" : members.prefix(8).map(\.key).joined(separator: ", "))"
        }
    }
}

/// A key of an object and its value.
public struct JSONMember: Sendable, Equatable {
    public let key: String
    public let value: JSONValue
}

private struct JSONScanner {
    private let bytes: [UInt8]
    private let path: String
    private var position = 0
    private static let depth = 64

    init(_ bytes: [UInt8], path: String) {
        (self.bytes, self.path) = (bytes, path)
    }

    mutating func whole() throws -> JSONValue {
        let result = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("the end of the file") }
        return result
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth <= Self.depth else { throw failure("at most \(Self.depth) arrays and objects in each other") }
        skipSpace()
        guard position < bytes.count else { throw failure("a value") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["):
            position += 1
            var values: [JSONValue] = []
            if accept("]") { return .array([]) }
            repeat { values.append(try value(depth: depth + 1)) } while accept(",")
            try expect("]")
            return .array(values)
        case UInt8(ascii: "\""): return .string(try string())
        default: break
        }
        for (word, value) in [("null", JSONValue.null), ("true", .bool(true)), ("false", .bool(false))]
        where bytes[position...].starts(with: Array(word.utf8)) {
            position += word.utf8.count
            return value
        }
        return .number(try number())
    }

    private mutating func object(depth: Int) throws -> [JSONMember] {
        position += 1
        var members: [JSONMember] = [], keys: Set<String> = []
        if accept("}") { return [] }
        repeat {
            skipSpace()
            let key = try string()
            guard keys.insert(key).inserted else { throw failure("every key once", found: "\(key) twice") }
            try expect(":")
            members.append(JSONMember(key: key, value: try value(depth: depth + 1)))
        } while accept(",")
        try expect("}")
        return members
    }

    private mutating func number() throws -> Double {
        let start = position
        let marks = Set("+-.eE0123456789".utf8)
        while position < bytes.count, marks.contains(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            let value = Double(text), value.isFinite
        else {
            position = start
            throw failure("a value", found: text.isEmpty ? nil : text)
        }
        return value
    }

    /// From quote to quote. What lies between is left to Foundation, escapes and UTF-8 alike.
    private mutating func string() throws -> String {
        let start = position
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw failure("a string") }
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") { position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1 }
        guard position < bytes.count else { throw failure("a closing quote") }
        position += 1
        do {
            return try JSONDecoder().decode(String.self, from: Data(bytes[start..<position]))
        } catch {
            position = start
            throw failure("a string of JSON", found: "other text")
        }
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    }

    private mutating func accept(_ mark: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws {
        guard accept(mark) else { throw failure("\(mark)") }
    }

    private func failure(_ expected: String, found: String? = nil) -> Failure {
        let line = 1 + bytes.prefix(position).count { $0 == 0x0a }
        let here = position < bytes.count ? String(decoding: bytes[position..<min(position + 12, bytes.count)], as: UTF8.self) : "the end of the file"
        return Failure(
            .data, "a file is not the JSON that it should be", at: "\(path), line \(line)", expected: expected, found: found ?? here,
            remedy: "the file is damaged: copy it again")
    }
}
