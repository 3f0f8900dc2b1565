import Probes
import Testing

@Suite struct StudentTTests {
    /// By numpy and the 0.975 quantile at 2 degrees of freedom, 4.30265273.
    @Test func `the interval is t standard errors to either side`() throws {
        let found = StudentT.estimate([0.2, 0.5, 0.9])
        let value = try #require(found.value), low = try #require(found.low), high = try #require(found.high)
        #expect(abs(value - 0.5333333) < 1e-6 && abs(low - -0.3390672) < 1e-6 && abs(high - 1.4057338) < 1e-6)
    }

    @Test func `one value has no interval, and none has no value`() {
        #expect(StudentT.estimate([3]).value == 3 && StudentT.estimate([3]).low == nil && StudentT.estimate([]).value == nil)
    }
}
