import Basics
import Policies
import Testing

@Suite struct SimilarityThresholdTests {
    /// Best similarities of `each` frames of every demonstration, which share a level of their own.
    private func similarities(_ name: String, demonstrations: Int, each: Int) -> (values: [Double], demonstrations: [Int]) {
        var numbers = RandomNumbers(name)
        var values: [Double] = []
        for _ in 0..<demonstrations {
            let level = 0.7 + 0.1 * Double(numbers.normal(1)[0])
            values += numbers.normal(each).map { level + 0.05 * Double($0) }
        }
        return (values, (0..<demonstrations * each).map { $0 / each })
    }

    @Test(arguments: [0.05, 0.1, 0.3]) func `a calibrated threshold flags the stated share of the frames it was given and of new ones`(
        _ rate: Double
    ) throws {
        let seen = similarities("seen", demonstrations: 200, each: 10)
        let threshold = try SimilarityThreshold.calibrated(falseAlarmRate: rate)
            .value(similarities: seen.values, demonstrations: seen.demonstrations)
        #expect(abs(share(seen.values, under: threshold) - rate) <= 1.0 / 2000)
        let new = similarities("new", demonstrations: 200, each: 10)
        #expect(abs(share(new.values, under: threshold) - rate) < 0.05)
    }

    @Test(arguments: [(5, 0.16), (5, 1), (0, 0.6)])
    func `a rate that so few demonstrations cannot resolve is refused`(_ demonstrations: Int, _ rate: Double) {
        let (values, owners) = similarities("table", demonstrations: demonstrations, each: 3)
        let failure = #expect(throws: Failure.self) {
            try SimilarityThreshold.calibrated(falseAlarmRate: rate).value(similarities: values, demonstrations: owners)
        }
        #expect(failure?.kind == .data)
        #expect(failure?.expected?.contains("\(demonstrations)") == true)
        #expect(failure?.found?.contains("\(rate)") == true)
    }

    @Test func `the smallest rate that can be resolved is accepted`() throws {
        let (values, owners) = similarities("table", demonstrations: 5, each: 3)
        let threshold = try SimilarityThreshold.calibrated(falseAlarmRate: 1.0 / 6)
            .value(similarities: values, demonstrations: owners)
        #expect(threshold.isFinite)
    }

    @Test(arguments: [0.5, 0.75, 0.9]) func `a fixed threshold is used as it is`(_ similarity: Double) throws {
        let (values, owners) = similarities("table", demonstrations: 1, each: 3)
        #expect(try SimilarityThreshold.fixed(similarity).value(similarities: values, demonstrations: owners) == similarity)
    }

    private func share(_ similarities: [Double], under threshold: Double) -> Double {
        Double(similarities.count { $0 < threshold }) / Double(similarities.count)
    }
}
