/// What may be too much in a message that somebody else sent.
public struct MessagePackLimits: Sendable {
    /// Bytes of the whole message.
    public var bytes = 256 << 20
    /// Maps and arrays in one another.
    public var depth = 32
    /// Values of the whole message, keys included: each takes memory of ours, although one byte declares it.
    public var values = 1_000_000

    public init() {}
}

/// Why bytes are no msgpack message. Offsets count from the message's first byte.
public enum MessagePackError: Error, Equatable, Sendable, CustomStringConvertible {
    /// More bytes are declared than there are.
    case truncated(offset: Int, needed: Int, left: Int)
    case trailing(bytes: Int)
    case tooManyBytes(Int, limit: Int)
    case tooDeep(offset: Int, limit: Int)
    case tooManyValues(offset: Int, limit: Int)
    /// A type byte that msgpack has no meaning for (0xc1), or an extension.
    case unsupported(offset: Int, type: UInt8)
    case notUnicode(offset: Int)

    public var description: String {
        switch self {
        case .truncated(let offset, let needed, let left): "at byte \(offset): \(needed) more declared, \(left) left"
        case .trailing(let bytes): "\(bytes) bytes after its end"
        case .tooManyBytes(let bytes, let limit): "\(bytes) bytes, at most \(limit) are read"
        case .tooDeep(let offset, let limit): "at byte \(offset): more than \(limit) maps and lists in one another"
        case .tooManyValues(let offset, let limit): "at byte \(offset): more than \(limit) values"
        case .unsupported(let offset, let type): "at byte \(offset): type 0x\(String(type, radix: 16)), which is \(type == 0xc1 ? "none of msgpack's" : "an extension")"
        case .notUnicode(let offset): "at byte \(offset): text that is no UTF-8"
        }
    }
}

extension MessagePackValue {
    /// Reads one whole message.
    ///
    /// Every length is compared with what is left before memory is taken for it: a message of a few bytes cannot ask for gigabytes.
    /// - Throws: `MessagePackError`.
    public init(decoding bytes: [UInt8], limits: MessagePackLimits = MessagePackLimits()) throws(MessagePackError) {
        guard bytes.count <= limits.bytes else { throw .tooManyBytes(bytes.count, limit: limits.bytes) }
        var decoder = MessagePackDecoder(bytes: bytes, limits: limits)
        self = try decoder.value(depth: 0)
        guard decoder.left == 0 else { throw .trailing(bytes: decoder.left) }
    }
}

private struct MessagePackDecoder {
    let bytes: [UInt8]
    let limits: MessagePackLimits
    var offset = 0
    var values = 0

    init(bytes: [UInt8], limits: MessagePackLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    var left: Int { bytes.count - offset }

    mutating func value(depth: Int) throws(MessagePackError) -> MessagePackValue {
        let at = offset, type = try integer(UInt8.self)
        values += 1
        guard values <= limits.values else { throw .tooManyValues(offset: at, limit: limits.values) }
        switch type {
        case 0x00...0x7f: return .integer(Int64(type))
        case 0x80...0x8f: return try map(Int(type & 0x0f), depth)
        case 0x90...0x9f: return try array(Int(type & 0x0f), depth)
        case 0xa0...0xbf: return try text(Int(type & 0x1f))
        case 0xc0: return .null
        case 0xc2, 0xc3: return .bool(type == 0xc3)
        case 0xc4: return .binary(Array(try take(Int(integer(UInt8.self)))))
        case 0xc5: return .binary(Array(try take(Int(integer(UInt16.self)))))
        case 0xc6: return .binary(Array(try take(Int(integer(UInt32.self)))))
        case 0xca: return .float(Float(bitPattern: try integer(UInt32.self)))
        case 0xcb: return .double(Double(bitPattern: try integer(UInt64.self)))
        case 0xcc: return .integer(Int64(try integer(UInt8.self)))
        case 0xcd: return .integer(Int64(try integer(UInt16.self)))
        case 0xce: return .integer(Int64(try integer(UInt32.self)))
        case 0xcf:
            let value = try integer(UInt64.self)
            return Int64(exactly: value).map { .integer($0) } ?? .unsigned(value)
        case 0xd0: return .integer(Int64(try integer(Int8.self)))
        case 0xd1: return .integer(Int64(try integer(Int16.self)))
        case 0xd2: return .integer(Int64(try integer(Int32.self)))
        case 0xd3: return .integer(try integer(Int64.self))
        case 0xd9: return try text(Int(integer(UInt8.self)))
        case 0xda: return try text(Int(integer(UInt16.self)))
        case 0xdb: return try text(Int(integer(UInt32.self)))
        case 0xdc: return try array(Int(integer(UInt16.self)), depth)
        case 0xdd: return try array(Int(integer(UInt32.self)), depth)
        case 0xde: return try map(Int(integer(UInt16.self)), depth)
        case 0xdf: return try map(Int(integer(UInt32.self)), depth)
        case 0xe0...0xff: return .integer(Int64(Int8(bitPattern: type)))
        default: throw .unsupported(offset: at, type: type)
        }
    }

    /// The next `count` bytes.
    private mutating func take(_ count: Int) throws(MessagePackError) -> ArraySlice<UInt8> {
        guard count <= left else { throw .truncated(offset: offset, needed: count, left: left) }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    private mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(MessagePackError) -> Value {
        let width = Value.bitWidth / 8
        var value: Value = 0
        for byte in try take(width) { value = width == 1 ? Value(truncatingIfNeeded: byte) : value << 8 | Value(truncatingIfNeeded: byte) }
        return value
    }

    private mutating func text(_ count: Int) throws(MessagePackError) -> MessagePackValue {
        let at = offset
        guard let text = String(validating: try take(count), as: UTF8.self) else { throw .notUnicode(offset: at) }
        return .string(text)
    }

    /// Entries take a byte each at least, so that a count above the bytes left is a lie.
    private mutating func enter(_ entries: Int, _ depth: Int) throws(MessagePackError) {
        guard depth < limits.depth else { throw .tooDeep(offset: offset, limit: limits.depth) }
        guard entries <= left else { throw .truncated(offset: offset, needed: entries, left: left) }
        guard values + entries <= limits.values else { throw .tooManyValues(offset: offset, limit: limits.values) }
    }

    private mutating func array(_ count: Int, _ depth: Int) throws(MessagePackError) -> MessagePackValue {
        try enter(count, depth)
        var values: [MessagePackValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try value(depth: depth + 1)) }
        return .array(values)
    }

    private mutating func map(_ count: Int, _ depth: Int) throws(MessagePackError) -> MessagePackValue {
        try enter(2 * count, depth)
        var entries: [MessagePackValue.Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let key = try value(depth: depth + 1)
            entries.append(MessagePackValue.Entry(key, try value(depth: depth + 1)))
        }
        return .map(entries)
    }
}
