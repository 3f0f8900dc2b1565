extension MessagePackValue {
    /// The bytes of this value, every number and length in the shortest form that msgpack has for it, as Python's msgpack writes them.
    public func encoded() -> [UInt8] {
        var encoder = MessagePackEncoder()
        encoder.append(self)
        return encoder.bytes
    }
}

private struct MessagePackEncoder {
    var bytes: [UInt8] = []

    mutating func append(_ value: MessagePackValue) {
        switch value {
        case .null: bytes.append(0xc0)
        case .bool(let value): bytes.append(value ? 0xc3 : 0xc2)
        case .integer(let value): append(value)
        case .unsigned(let value): append(unsigned: value)
        case .float(let value): append(0xca, bigEndian: value.bitPattern)
        case .double(let value): append(0xcb, bigEndian: value.bitPattern)
        case .string(let value):
            let text = Array(value.utf8)
            appendLength(text.count, fix: (0xa0, 32), byte: 0xd9, word: 0xda, long: 0xdb)
            bytes += text
        case .binary(let value):
            appendLength(value.count, fix: nil, byte: 0xc4, word: 0xc5, long: 0xc6)
            bytes += value
        case .array(let values):
            appendLength(values.count, fix: (0x90, 16), byte: nil, word: 0xdc, long: 0xdd)
            values.forEach { append($0) }
        case .map(let entries):
            appendLength(entries.count, fix: (0x80, 16), byte: nil, word: 0xde, long: 0xdf)
            for entry in entries {
                append(entry.key)
                append(entry.value)
            }
        }
    }

    private mutating func append(_ value: Int64) {
        switch value {
        case 0...: append(unsigned: UInt64(value))
        case -32 ..< 0: bytes.append(UInt8(bitPattern: Int8(value)))
        case Int64(Int8.min) ..< -32: append(0xd0, bigEndian: Int8(value))
        case Int64(Int16.min) ..< Int64(Int8.min): append(0xd1, bigEndian: Int16(value))
        case Int64(Int32.min) ..< Int64(Int16.min): append(0xd2, bigEndian: Int32(value))
        default: append(0xd3, bigEndian: value)
        }
    }

    private mutating func append(unsigned value: UInt64) {
        switch value {
        case ..<128: bytes.append(UInt8(value))
        case ...UInt64(UInt8.max): append(0xcc, bigEndian: UInt8(value))
        case ...UInt64(UInt16.max): append(0xcd, bigEndian: UInt16(value))
        case ...UInt64(UInt32.max): append(0xce, bigEndian: UInt32(value))
        default: append(0xcf, bigEndian: value)
        }
    }

    private mutating func append(_ type: UInt8, bigEndian value: some FixedWidthInteger) {
        bytes.append(type)
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// - Parameter fix: the type byte that holds a short length itself, and the first length that it cannot hold.
    private mutating func appendLength(_ length: Int, fix: (type: UInt8, below: Int)?, byte: UInt8?, word: UInt8, long: UInt8) {
        if let fix, length < fix.below { return bytes.append(fix.type | UInt8(length)) }
        if let byte, length <= UInt8.max { return append(byte, bigEndian: UInt8(length)) }
        if length <= UInt16.max { return append(word, bigEndian: UInt16(length)) }
        // What a policy is asked is made here; four gigabytes of it would be a defect.
        precondition(length <= UInt32.max, "\(length) entries or bytes where msgpack has room for \(UInt32.max)")
        append(long, bigEndian: UInt32(length))
    }
}
