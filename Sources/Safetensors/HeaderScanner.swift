import Basics

/// Reads the JSON of a safetensors header: only the grammar the format allows, and no key twice.
///
/// A general JSON parser would keep one of two equal keys and say nothing, and would let numbers such as 1e3 or 4.0
/// pass as sizes.
struct HeaderScanner {
    private let bytes: [UInt8]
    private let path: String
    private var position = 0

    /// The byte at the position, or nil at the end.
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// The whole header: one object, then nothing but spaces.
    mutating func header() throws -> (entries: [HeaderEntry], metadata: [String: String]) {
        guard bytes.first == UInt8(ascii: "{") else {
            throw failure("a JSON object, starting with {", describe(bytes.first))
        }
        var entries: [HeaderEntry] = []
        var metadata: [String: String] = [:]
        try object(within: "the header") { scanner, name in
            if name == Safetensors.metadataKey {
                try scanner.object(within: name) { scanner, key in metadata[key] = try scanner.string() }
            } else {
                entries.append(try scanner.entry(name))
            }
        }
        skipSpace()
        guard position == bytes.count else { throw failure("only spaces after the object", describe(bytes[position])) }
        return (entries, metadata)
    }

    private mutating func entry(_ name: String) throws -> HeaderEntry {
        var type: ElementType?
        var shape: [Int]?
        var offsets: [Int]?
        try object(within: "tensor \(name)") { scanner, key in
            switch key {
            case "dtype":
                let text = try scanner.string()
                type = ElementType(rawValue: text)
                guard type != nil else {
                    throw scanner.failure(
                        "a data type among \(ElementType.allCases.map(\.rawValue).joined(separator: ", "))", text,
                        within: "tensor \(name)")
                }
            case "shape": shape = try scanner.integers()
            case "data_offsets": offsets = try scanner.integers()
            default: throw scanner.failure("dtype, shape or data_offsets", "key \(key)", within: "tensor \(name)")
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw failure(
                "dtype, shape and two data_offsets",
                "dtype \(type?.rawValue ?? "absent"), shape \(shape.map { "\($0)" } ?? "absent"), "
                    + "data_offsets \(offsets.map { "\($0)" } ?? "absent")", within: "tensor \(name)")
        }
        return HeaderEntry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
    }

    /// `{ "key": value, ... }`, handing each key to `member`, which reads the value.
    private mutating func object(
        within place: String, member: (inout HeaderScanner, _ key: String) throws -> Void
    ) throws {
        try expect("{")
        if accept("}") { return }
        var keys: Set<String> = []
        repeat {
            let key = try string()
            guard keys.insert(key).inserted else { throw failure("every key once", "key \(key) twice", within: place) }
            try expect(":")
            try member(&self, key)
        } while accept(",")
        try expect("}")
    }

    /// `[ 1, 2, ... ]`, decimal digits only.
    private mutating func integers() throws -> [Int] {
        try expect("[")
        if accept("]") { return [] }
        var result: [Int] = []
        repeat {
            skipSpace()
            let start = position
            while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
            let digits = String(decoding: bytes[start..<position], as: UTF8.self)
            guard let value = Int(digits), digits == "0" || !digits.hasPrefix("0") else {
                throw failure("a whole number from 0", digits.isEmpty ? describe(next) : digits)
            }
            result.append(value)
        } while accept(",")
        try expect("]")
        return result
    }

    private mutating func string() throws -> String {
        try expect("\"")
        var utf8: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: utf8, as: UTF8.self) else {
                    throw failure("UTF-8 text", "other bytes")
                }
                return text
            case UInt8(ascii: "\\"): utf8 += Array(try escape().utf8)
            case ..<0x20: throw failure("no control characters in a string", describe(byte))
            default: utf8.append(byte)
            }
        }
        throw failure("a closing quote", describe(nil))
    }

    private mutating func escape() throws -> String {
        let byte = next
        position += 1
        switch byte.map({ Character(UnicodeScalar($0)) }) {
        case "\"": return "\""
        case "\\": return "\\"
        case "/": return "/"
        case "b": return "\u{8}"
        case "f": return "\u{c}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            var units = [try hexadecimalUnit()]
            if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: Array("\\u".utf8)) {
                position += 2
                units.append(try hexadecimalUnit())
            }
            guard let text = String(validating: units, as: UTF16.self) else {
                throw failure("paired surrogates", "a lone one")
            }
            return text
        default: throw failure("an escape that JSON knows", describe(byte))
        }
    }

    private mutating func hexadecimalUnit() throws -> UInt16 {
        let digits = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let unit = UInt16(digits, radix: 16) else {
            throw failure("four hexadecimal digits", digits)
        }
        position += 4
        return unit
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
    }

    private mutating func accept(_ mark: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws {
        guard accept(mark) else { throw failure("\(mark)", describe(next)) }
    }

    private func describe(_ byte: UInt8?) -> String {
        guard let byte else { return "the end of the header" }
        return (0x20..<0x7f).contains(byte) ? "\(Character(UnicodeScalar(byte)))" : "byte \(byte)"
    }

    private func failure(_ expected: String, _ found: String, within place: String? = nil) -> Failure {
        Failure(
            .data, "the header of a safetensors file is malformed",
            at: "\(path), \(place.map { $0 + ", " } ?? "")header byte \(position)", expected: expected, found: found,
            remedy: "the file is damaged or not a safetensors file: write or copy it again")
    }
}
