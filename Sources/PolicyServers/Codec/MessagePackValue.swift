/// A value of msgpack (github.com/msgpack/msgpack, spec.md), as openpi's websocket protocol carries it. Extension types are left
/// out: neither openpi nor msgpack-numpy sends one.
public indirect enum MessagePackValue: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        public let key: MessagePackValue
        public let value: MessagePackValue

        public init(_ key: MessagePackValue, _ value: MessagePackValue) {
            self.key = key
            self.value = value
        }
    }

    case null
    case bool(Bool)
    case integer(Int64)
    /// An integer above `Int64.max`; smaller ones are always `integer`, so that equal numbers are equal values.
    case unsigned(UInt64)
    case float(Float)
    case double(Double)
    case string(String)
    case binary([UInt8])
    case array([MessagePackValue])
    /// In the order of the bytes; a key that comes twice counts with its last value, as in Python.
    case map([Entry])

    /// A map whose keys are text.
    public static func named(_ entries: [(key: String, value: MessagePackValue)]) -> MessagePackValue {
        .map(entries.map { Entry(.string($0.key), $0.value) })
    }

    /// The value under a key that is text; nil where this is no map or has no such key.
    public subscript(key: String) -> MessagePackValue? { value(of: .string(key)) }

    /// The value under a key that is bytes, as msgpack-numpy writes the keys of its arrays.
    subscript(bytes key: String) -> MessagePackValue? { value(of: .binary(Array(key.utf8))) }

    private func value(of key: MessagePackValue) -> MessagePackValue? {
        guard case .map(let entries) = self else { return nil }
        return entries.last { $0.key == key }?.value
    }

    /// A whole number, also one that came as a float or as a numpy scalar; nil for anything else.
    public var wholeNumber: Int? {
        switch self {
        case .integer(let value): return Int(value)
        case .float(let value): return Int(exactly: value)
        case .double(let value): return Int(exactly: value)
        case .map: return self[bytes: "__npgeneric__"] == nil ? nil : self[bytes: "data"]?.wholeNumber
        default: return nil
        }
    }

    /// What it is, for messages: never long, whatever a server sent.
    public var summary: String {
        switch self {
        case .null: return "nil"
        case .bool(let value): return "\(value)"
        case .integer(let value): return "\(value)"
        case .unsigned(let value): return "\(value)"
        case .float(let value): return "\(value)"
        case .double(let value): return "\(value)"
        case .string(let value): return "the text \"\(MessageText.line(value, limit: 60))\""
        case .binary(let value): return "\(value.count) bytes"
        case .array(let values): return "a list of \(values.count)"
        case .map(let entries):
            if let dtype = self[bytes: "dtype"], case .string(let name) = dtype { return "numpy data of type \(MessageText.line(name, limit: 20))" }
            let keys = entries.prefix(12).map { if case .string(let key) = $0.key { MessageText.line(key, limit: 40) } else { $0.key.summary } }
            return entries.isEmpty ? "an empty map" : "a map of \(keys.joined(separator: ", "))\(entries.count > 12 ? " ..." : "")"
        }
    }
}

/// Text that somebody else wrote, made fit for one line of a message.
enum MessageText {
    /// The first line that is not empty, without control characters, cut at `limit` characters.
    static func line(_ text: String, limit: Int) -> String {
        // What comes after cannot matter, and the text may be as long as a message.
        let head = text.unicodeScalars.prefix(16 * limit)
        let lines = head.split { $0 == "\n" || $0 == "\r" }.map { line in
            String(String.UnicodeScalarView(line.map { $0.properties.generalCategory == .control ? " " : $0 })).split(separator: " ").joined(separator: " ")
        }
        let first = lines.first { !$0.isEmpty } ?? ""
        return first.count > limit ? first.prefix(limit) + " ..." : first
    }
}
