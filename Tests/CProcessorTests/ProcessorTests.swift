import CProcessor
import Foundation
import Testing

@Suite struct ProcessorTests {
    private func lacking(haveNone: Bool, size: Int = 256) -> (count: Int, names: String) {
        var names = [CChar](repeating: 1, count: size)
        let count = alt_processor_lacks(haveNone ? 1 : 0, &names, size)
        return (Int(count), String(decoding: names.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    @Test func `the processor that runs the tests lacks nothing that they were built for`() {
        #expect(lacking(haveNone: false) == (0, ""))
    }

    @Test(.enabled(if: String(cString: alt_processor_level()) >= "x86-64-v3", "not built for x86-64-v3"))
    func `a processor that has nothing lacks every set of the level`() {
        let (count, names) = lacking(haveNone: true)
        for set in ["sse4.2", "popcnt", "avx", "avx2", "fma", "bmi", "bmi2"] { #expect(names.components(separatedBy: ", ").contains(set)) }
        #expect(names.components(separatedBy: ", ").count == count)
    }

    @Test func `names that do not fit are left out, not written past the end`() {
        let (count, names) = lacking(haveNone: true, size: 16)
        #expect(names.utf8.count < 16)
        #expect(count >= names.components(separatedBy: ", ").count || names.isEmpty)
    }
}
