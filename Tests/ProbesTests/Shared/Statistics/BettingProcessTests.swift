import Basics
@testable import Probes
import Testing

@Suite struct BettingProcessTests {
    @Test func `e-values and the interval equal numpy's, written for all times at once`() throws {
        for reference in try StatisticsReference.load().betting {
            var process = BettingProcess()
            var largest = 1.0
            for (difference, expected) in zip(reference.differences, reference.e_values) {
                process.add(difference)
                largest = max(largest, expected)
                #expect(abs(process.eValue - expected) < 1e-10 * expected)
                #expect(abs(process.largestEValue - largest) < 1e-10 * largest)
                #expect(process.rejectsZero == (largest >= 20))
            }
            #expect(abs(try #require(process.interval.low) - reference.low) < 1e-10)
            #expect(abs(try #require(process.interval.high) - reference.high) < 1e-10)
            let sum = reference.differences.reduce(0, +)
            #expect(abs(try #require(process.interval.value) - sum / Double(reference.differences.count)) < 1e-12)
        }
    }

    /// Every sequence of up to six differences from a law, weighted by its probability. A bet that knew its own outcome
    /// would gain or lose. Forty differences go before, because the first few bets are all as large as they may be.
    @Test(arguments: [
        [(-1.0, 0.3), (0.0, 0.4), (1.0, 0.3)], [(-1.0, 0.02), (0.0, 0.88), (1.0, 0.1)], [(-0.5, 0.6), (0.5, 0.3), (1.0, 0.1)],
    ])
    func `against the true mean neither gambler expects to gain or to lose, at any time`(law: [(Double, Double)]) {
        let mean = law.map { $0.0 * $0.1 }.reduce(0, +)
        var started = BettingProcess()
        for place in 0..<40 { started.add(place.isMultiple(of: 2) ? 1 : -1) }
        func expectation(_ process: BettingProcess, _ left: Int, _ side: BettingProcess.Side) -> Double {
            guard left > 0 else { return process.capital(against: (mean + 1) / 2, side) }
            return law.map { value, probability in
                var next = process
                next.add(value)
                return probability * expectation(next, left - 1, side)
            }.reduce(0, +)
        }
        for side in [BettingProcess.Side.above, .below] {
            for process in [BettingProcess(), started] {
                let held = process.capital(against: (mean + 1) / 2, side)
                for time in 1...6 { #expect(abs(expectation(process, time, side) / held - 1) < 1e-12) }
            }
        }
    }

    @Test(arguments: [(0.9, 0.7), (0.5, 0.5), (0.97, 0.95)])
    func `the interval covers the true mean at all times in 95 % of runs and only shrinks`(first: Double, second: Double) {
        let missed = (0..<1000).count { run in
            var source = RandomSource(Seed(21) / run)
            var process = BettingProcess()
            var before = process.interval
            var covers = true
            for _ in 0..<300 {
                process.add((source.uniform() < first ? 1 : 0) - (source.uniform() < second ? 1 : 0))
                let interval = process.interval
                covers = covers && interval.contains(first - second)
                if let low = interval.low, let high = interval.high, let oldLow = before.low, let oldHigh = before.high {
                    if low < oldLow || high > oldHigh || low > high { Issue.record("\(before) became \(interval)") }
                }
                before = interval
            }
            return !covers
        }
        #expect(missed <= 50, "\(missed) of 1000 runs")
    }

    @Test func `the interval leaves out 0 exactly when 0 is rejected, and narrows towards the mean of fractions`() throws {
        var source = RandomSource(Seed(22))
        for shift in [0.0, 0.1, 0.2, 0.4] {
            var process = BettingProcess()
            for _ in 0..<400 {
                process.add(source.uniform(-0.5, 0.5) + shift)
                #expect(process.interval.contains(0) != process.rejectsZero)
            }
            let interval = process.interval
            #expect(interval.contains(shift))
            #expect(try #require(interval.high) - #require(interval.low) < 0.25, "\(interval)")
        }
    }

    @Test func `exchanging the policies mirrors everything`() throws {
        var source = RandomSource(Seed(23))
        var (process, mirrored) = (BettingProcess(alpha: 0.1), BettingProcess(alpha: 0.1))
        for _ in 0..<200 {
            let difference = source.uniform(-0.6, 1)
            process.add(difference)
            mirrored.add(-difference)
            #expect(abs(process.eValue - mirrored.eValue) < 1e-9 * process.eValue)
            #expect(abs(try #require(process.interval.low) + #require(mirrored.interval.high)) < 1e-9)
        }
        #expect(process.rejectsZero && mirrored.rejectsZero)
    }

    @Test func `before the first difference nothing is known, and all candidates rejected leave one point`() {
        let empty = BettingProcess()
        #expect(empty.eValue == 0.5 && empty.largestEValue == 1 && !empty.rejectsZero)
        #expect(empty.interval == Estimate(value: nil, low: -1, high: 1))
        var torn = BettingProcess()
        for _ in 0..<100 { torn.add(1) }
        for _ in 0..<2000 { torn.add(-1) }
        #expect(torn.interval.low == torn.interval.high && torn.rejectsZero)
    }
}
