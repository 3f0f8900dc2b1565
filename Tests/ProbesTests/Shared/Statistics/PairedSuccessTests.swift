import Basics
import Probes
import Testing

@Suite struct PairedSuccessTests {
    private func table(_ b: Int, _ c: Int, _ n: Int) -> PairedSuccess {
        PairedSuccess(both: 0, onlyFirst: b, onlySecond: c, neither: n - b - c)
    }

    @Test func `McNemar's exact p equals statsmodels'`() throws {
        for reference in try StatisticsReference.load().paired {
            let own = table(reference.b, reference.c, reference.n).mcNemarP
            #expect(abs(own - reference.p) <= 1e-11 * reference.p, "b \(reference.b), c \(reference.c): \(own)")
        }
    }

    @Test func `Tango's interval equals the inverted score test of scipy's root finding`() throws {
        for reference in try StatisticsReference.load().paired {
            let pairs = table(reference.b, reference.c, reference.n)
            for (own, expected) in [(pairs.interval90, reference.tango90), (pairs.interval95, reference.tango95)] {
                let comment: Comment = "b \(reference.b), c \(reference.c), n \(reference.n): \(own)"
                #expect(abs((own.low ?? .nan) - expected[0]) < 1e-11, comment)
                #expect(abs((own.high ?? .nan) - expected[1]) < 1e-11, comment)
                #expect(own.value == Double(reference.b - reference.c) / Double(reference.n))
            }
        }
    }

    /// Airway reactivity before and after stem cell transplantation, the example of Fagerland, Lydersen and Laake (2014):
    /// 1, 1, 7 and 12 of 21 children.
    @Test func `Tango's interval equals the published one`() throws {
        let interval = PairedSuccess(both: 1, onlyFirst: 1, onlySecond: 7, neither: 12).interval95
        #expect(abs(try #require(interval.low) + 0.517) < 5e-4)
        #expect(abs(try #require(interval.high) + 0.026) < 5e-4)
    }

    @Test func `without discordant pairs Tango's interval is z² / (n + z²) on both sides`() throws {
        for n in [1, 2, 10, 300, 100_000] {
            let interval = table(0, 0, n).interval95
            let half = 1.959963984540054 * 1.959963984540054 / (Double(n) + 1.959963984540054 * 1.959963984540054)
            #expect(abs(try #require(interval.high) - half) < 1e-14 && interval.low == interval.high.map { -$0 })
        }
    }

    @Test func `with all pairs discordant on one side the interval runs from (n - z²) / (n + z²) to 1 exactly`() throws {
        for n in [1, 3, 4, 50, 5000] {
            let (size, z2) = (Double(n), 1.6448536269514722 * 1.6448536269514722)
            let (first, second) = (table(n, 0, n).interval90, table(0, n, n).interval90)
            #expect(first.high == 1 && second.low == -1)
            #expect(abs(try #require(first.low) - (size - z2) / (size + z2)) < 1e-14)
            #expect(second.high == first.low.map { -$0 })
        }
    }

    @Test func `in every table of twelve pairs the intervals lie within each other, and exchange mirrors them`() throws {
        for b in 0...12 {
            for c in 0...(12 - b) {
                let pairs = table(b, c, 12)
                let (inner, outer) = (pairs.interval90, pairs.interval95)
                let ends = [outer.low, inner.low, inner.value, inner.high, outer.high].compactMap { $0 }
                #expect(ends.count == 5 && ends == ends.sorted() && ends[0] >= -1 && ends[4] <= 1, "b \(b), c \(c): \(ends)")
                let exchanged = table(c, b, 12).interval90
                #expect(exchanged.low == inner.high.map { -$0 } && exchanged.high == inner.low.map { -$0 })
                #expect(table(c, b, 12).mcNemarP == pairs.mcNemarP)
            }
        }
    }

    @Test func `outcomes are counted into the paired table`() {
        let pairs = PairedSuccess(
            first: [true, true, true, false, false, true], second: [true, false, false, true, false, false])
        #expect(pairs == PairedSuccess(both: 1, onlyFirst: 3, onlySecond: 1, neither: 1))
        #expect(pairs.successesFirst == 4 && pairs.successesSecond == 2 && pairs.count == 6)
        #expect(pairs.difference == 2.0 / 6 && pairs.discordantRate == 4.0 / 6)
    }
}

@Suite struct SmallestDetectableDifferenceTests {
    @Test func `it inverts Connor's sample size`() throws {
        for reference in try StatisticsReference.load().detectable {
            let own = PairedSuccess.smallestDetectableDifference(count: reference.n, discordantRate: reference.discordant)
            #expect(abs(try #require(own) - reference.difference) < 1e-11)
        }
    }

    @Test func `a simulated McNemar test finds it in 80 % of studies`() throws {
        let rate = 0.3
        let difference = try #require(PairedSuccess.smallestDetectableDifference(count: 300, discordantRate: rate))
        var source = RandomSource(Seed(11))
        let found = (0..<4000).count { _ in
            var (b, c) = (0, 0)
            for _ in 0..<300 {
                let draw = source.uniform()
                if draw < (rate + difference) / 2 { b += 1 } else if draw < rate { c += 1 }
            }
            return Double(abs(b - c)) > 1.959963984540054 * Double(b + c).squareRoot()
        }
        // Three standard errors of 4,000 studies are 0.019.
        #expect(abs(Double(found) / 4000 - 0.8) < 0.025, "\(found) of 4000")
    }

    @Test func `it falls with n, does not vanish without discordant pairs and is nil where not even 1 is found`() throws {
        let sizes = [10, 40, 300, 3000].compactMap { PairedSuccess.smallestDetectableDifference(count: $0, discordantRate: 0.2) }
        #expect(sizes.count == 4 && sizes == sizes.sorted(by: >))
        // Six to eight discordant pairs on one side are what a test at 5 % with 80 % power needs.
        let least = try #require(PairedSuccess(both: 300, onlyFirst: 0, onlySecond: 0, neither: 0).smallestDetectableDifference)
        #expect((6...8).contains(least * 300), "\(least * 300)")
        #expect(PairedSuccess.smallestDetectableDifference(count: 2, discordantRate: 1) == nil)
        #expect(PairedSuccess.smallestDetectableDifference(count: 3, discordantRate: 1) == nil)
    }
}
