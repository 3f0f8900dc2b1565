import Basics
import Testing

@Suite struct RandomSourceTests {
    @Test func `the same seed gives the same draws and another name gives others`() {
        var first = RandomSource(Seed(7) / "noise"), second = RandomSource(Seed(7) / "noise")
        var other = RandomSource(Seed(7) / "crop")
        let draws = (0..<8).map { _ in first.next() }
        #expect(draws == (0..<8).map { _ in second.next() })
        #expect(draws != (0..<8).map { _ in other.next() })
    }

    @Test func `order and nesting of names matter`() {
        #expect(Seed(1) / "a" / "b" != Seed(1) / "b" / "a")
        #expect(Seed(1) / "ab" != Seed(1) / "a" / "b")
        #expect(Seed(1) / 0 != Seed(1) / 1)
    }

    @Test func `normal draws have mean 0, variance 1 and kurtosis 3`() {
        var source = RandomSource(Seed(3))
        let draws = (0..<100_000).map { _ in source.normal() }
        let mean = draws.reduce(0, +) / 1e5
        let variance = draws.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 1e5
        let fourth = draws.map { ($0 - mean) * ($0 - mean) * ($0 - mean) * ($0 - mean) }.reduce(0, +) / 1e5
        #expect(abs(mean) < 0.015)
        #expect(abs(variance - 1) < 0.02)
        #expect(abs(fourth / (variance * variance) - 3) < 0.1)
    }

    @Test func `a permutation holds every index once`() {
        var source = RandomSource(Seed(3))
        #expect(source.permutation(100).sorted() == Array(0..<100))
    }
}
