import Basics
import Testing

@testable import PolicyServers

/// Messages that are almost right: each is a value or a typed error, and nothing traps.
@Suite struct DecoderFuzzTests {
    /// - Returns: whether the bytes were a message.
    @discardableResult
    private func read(_ bytes: [UInt8]) -> Bool {
        do throws(MessagePackError) {
            let value = try MessagePackValue(decoding: bytes)
            _ = (value.summary, value.wholeNumber, PublishedPolicy(value))
            guard case .map(let entries) = value else { return true }
            for entry in entries {
                do throws(NumpyError) { _ = try NumpyArray(entry.value).doubles } catch { _ = error.description }
            }
            return true
        } catch {
            _ = error.description
            return false
        }
    }

    @Test func `every message cut short is an error`() {
        for message in Messages.all {
            #expect(read(message))
            for count in 0..<message.count { #expect(!read(Array(message[..<count])), "\(count) of \(message.count) bytes") }
        }
    }

    @Test func `flipped, replaced and inserted bytes are a value or an error`() {
        var random = RandomSource(Seed(7)), values = 0
        for message in Messages.all {
            for _ in 0..<4000 {
                var bytes = message
                for _ in 0...random.index(below: 4) {
                    let at = random.index(below: bytes.count)
                    switch random.index(below: 4) {
                    case 0: bytes[at] ^= 1 << UInt8(random.index(below: 8))
                    case 1: bytes[at] = UInt8(random.index(below: 256))
                    case 2: bytes.insert(UInt8(random.index(below: 256)), at: at)
                    default: bytes[at] = [0x7f, 0x80, 0xc6, 0xcf, 0xdd, 0xdf, 0xff][random.index(below: 7)]
                    }
                }
                if read(bytes) { values += 1 }
            }
        }
        // Both must happen, or the test would test one of them alone.
        #expect((500..<11_500).contains(values), "\(values) of 12,000 are values")
    }

    @Test func `random bytes are a value or an error`() {
        var random = RandomSource(Seed(8))
        for _ in 0..<10_000 { read((0..<random.index(below: 40)).map { _ in UInt8(random.index(below: 256)) }) }
    }
}
