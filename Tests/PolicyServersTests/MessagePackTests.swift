import Testing

@testable import PolicyServers

@Suite struct MessagePackTests {
    /// Bytes as the specification has them, with what they mean.
    private static let forms: [(bytes: [UInt8], value: MessagePackValue)] = [
        ([0x00], .integer(0)), ([0x7f], .integer(127)), ([0xff], .integer(-1)), ([0xe0], .integer(-32)),
        ([0xcc, 0x80], .integer(128)), ([0xcd, 1, 0], .integer(256)), ([0xce, 0, 1, 0, 0], .integer(65_536)),
        ([0xcf, 0, 0, 0, 1, 0, 0, 0, 0], .integer(1 << 32)), ([0xcf] + [UInt8](repeating: 0xff, count: 8), .unsigned(.max)),
        ([0xd0, 0xdf], .integer(-33)), ([0xd1, 0xff, 0x38], .integer(-200)), ([0xd2, 0xff, 0xff, 0, 0], .integer(-65_536)),
        ([0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], .integer(.min)), ([0xc0], .null), ([0xc2], .bool(false)), ([0xc3], .bool(true)),
        ([0xca, 0x3f, 0x80, 0, 0], .float(1)), ([0xcb, 0xbf, 0xf0, 0, 0, 0, 0, 0, 0], .double(-1)),
        ([0xa2, 0xc3, 0xa9], .string("é")), ([0xc4, 2, 7, 8], .binary([7, 8])), ([0x92, 0xc0, 0x01], .array([.null, .integer(1)])),
        ([0x81, 0xa1, 0x61, 0x90], .named([("a", .array([]))])),
    ]

    @Test func `every form is read as the specification says, and written the same way`() throws {
        for (bytes, value) in Self.forms {
            #expect(try MessagePackValue(decoding: bytes) == value)
            #expect(value.encoded() == bytes)
        }
    }

    @Test func `longer forms than necessary are read too`() throws {
        let one: [[UInt8]] = [[0xcc, 1], [0xcd, 0, 1], [0xce, 0, 0, 0, 1], [0xcf, 0, 0, 0, 0, 0, 0, 0, 1], [0xd0, 1], [0xd1, 0, 1], [0xd2, 0, 0, 0, 1], [0xd3, 0, 0, 0, 0, 0, 0, 0, 1]]
        for bytes in one { #expect(try MessagePackValue(decoding: bytes) == .integer(1)) }
        for head: [UInt8] in [[0xd9, 1], [0xda, 0, 1], [0xdb, 0, 0, 0, 1]] { #expect(try MessagePackValue(decoding: head + [0x61]) == .string("a")) }
        for head: [UInt8] in [[0xc5, 0, 1], [0xc6, 0, 0, 0, 1]] { #expect(try MessagePackValue(decoding: head + [9]) == .binary([9])) }
        for head: [UInt8] in [[0xdc, 0, 1], [0xdd, 0, 0, 0, 1]] { #expect(try MessagePackValue(decoding: head + [0xc0]) == .array([.null])) }
        for head: [UInt8] in [[0xde, 0, 1], [0xdf, 0, 0, 0, 1]] { #expect(try MessagePackValue(decoding: head + [5, 0xc3]) == .map([.init(.integer(5), .bool(true))])) }
    }

    @Test(arguments: [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536, 70_000])
    func `lengths on both sides of every limit come back`(count: Int) throws {
        let values: [MessagePackValue] = [
            .string(String(repeating: "x", count: count)), .binary([UInt8](repeating: 3, count: count)), .array([MessagePackValue](repeating: .null, count: count)),
            .map((0..<count).map { .init(.integer(Int64($0)), .bool(true)) }),
        ]
        for value in values { #expect(try MessagePackValue(decoding: value.encoded()) == value) }
    }

    @Test func `a length that lies is an error before memory is taken`() {
        for type: UInt8 in [0xc6, 0xdb, 0xdd, 0xdf] {
            let error = #expect(throws: MessagePackError.self) { try MessagePackValue(decoding: [type, 0xff, 0xff, 0xff, 0xff, 0]) }
            if case .truncated(_, let needed, let left) = error { #expect(needed > 4_000_000_000 && left == 1) } else { Issue.record("\(error as Any)") }
        }
    }

    @Test func `depth, number of values, size and what follows the end are limited`() {
        var limits = MessagePackLimits()
        (limits.bytes, limits.depth, limits.values) = (100, 4, 20)
        func error(_ bytes: [UInt8]) -> MessagePackError? { #expect(throws: MessagePackError.self) { try MessagePackValue(decoding: bytes, limits: limits) } }
        #expect(error([UInt8](repeating: 0x91, count: 5) + [0xc0]) == .tooDeep(offset: 5, limit: 4))
        #expect(error([0xdc, 0, 30] + [UInt8](repeating: 0xc0, count: 30)) == .tooManyValues(offset: 3, limit: 20))
        #expect(error([UInt8](repeating: 0xc0, count: 101)) == .tooManyBytes(101, limit: 100))
        #expect(error([0xc0, 0xc0]) == .trailing(bytes: 1))
        #expect(error([]) == .truncated(offset: 0, needed: 1, left: 0))
        #expect(error([0xc1]) == .unsupported(offset: 0, type: 0xc1))
        #expect(error([0xd6, 0xff, 0, 0, 0, 0]) == .unsupported(offset: 0, type: 0xd6))
        #expect(error([0xa2, 0xc3, 0x28]) == .notUnicode(offset: 1))
    }

    @Test func `thousands of maps in one another end in an error and not in a full stack`() {
        #expect(throws: MessagePackError.self) { try MessagePackValue(decoding: [UInt8](repeating: 0x81, count: 1_000_000)) }
    }

    @Test func `of a key that comes twice the last value counts`() throws {
        let value = try MessagePackValue(decoding: [0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2])
        #expect(value["a"] == .integer(2) && value["b"] == nil)
    }

    @Test func `what others wrote appears in a message as one short line`() {
        #expect(MessageText.line("\n\u{1b}[31mred\tand  wide \nsecond", limit: 100) == "[31mred and wide")
        #expect(MessageText.line(String(repeating: "y", count: 5000), limit: 10) == "yyyyyyyyyy ...")
        #expect(MessagePackValue.named((0..<100).map { ("key\($0)", .null) }).summary.count < 200)
    }
}
