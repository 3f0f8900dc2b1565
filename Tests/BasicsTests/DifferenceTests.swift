import TestSupport
import Testing

@Suite struct DifferenceTests {
    @Test func `long arrays that differ are told by their first difference, in one short line`() {
        var other = [Int](repeating: 7, count: 1_000_000)
        let array = other
        #expect(Difference.first(array, other) == nil)
        other[999_999] = 8
        #expect(Difference.first(array, other) == "entry 999999 of 1000000: 7 instead of 8")
        #expect(Difference.first(array, [7]) == "1000000 entries instead of 1")
    }
}
