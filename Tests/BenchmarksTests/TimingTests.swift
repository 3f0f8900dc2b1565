import Benchmarks
import Testing

@Suite struct TimingTests {
    @Test func `the median is the middle, or the mean of the two in the middle`() {
        #expect(Timing(milliseconds: [5, 1, 9]).median == 5)
        #expect(Timing(milliseconds: [4, 1, 2, 9]).median == 3)
        #expect(Timing(milliseconds: [4, 1, 2, 9]).minimum == 1)
    }
}
