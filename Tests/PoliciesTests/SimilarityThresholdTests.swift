import Basics
import Policies
import Testing

@Suite struct SimilarityThresholdTests {
    /// Rows [n, 4] of demonstrations that each keep near a direction of their own.
    private func rows(_ name: String, demonstrations: Int, each: Int) -> (rows: [Float], demonstrations: [Int]) {
        var numbers = RandomNumbers(name)
        var rows: [Float] = []
        for _ in 0..<demonstrations {
            let centre = numbers.unitRows(1, width: 4)
            for _ in 0..<each {
                let row = zip(centre, numbers.normal(4)).map { $0 + 0.2 * $1 }
                let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
                rows += row.map { $0 / length }
            }
        }
        return (rows, (0..<demonstrations * each).map { $0 / each })
    }

    @Test func `leaving a demonstration out gives the best similarity to the others, by brute force`() throws {
        let (rows, demonstrations) = rows("table", demonstrations: 5, each: 3)
        let best = SimilarityThreshold.leaveOneDemonstrationOut(rows: rows, width: 4, demonstrations: demonstrations)
        for query in demonstrations.indices {
            let others = demonstrations.indices.filter { demonstrations[$0] != demonstrations[query] }
            let expected = others.map { product(rows, query, rows, $0, width: 4) }.max()
            #expect(abs(best[query] - (try #require(expected))) < 1e-6)
        }
    }

    @Test(arguments: [0.05, 0.1, 0.3]) func `a calibrated threshold flags the stated share of left-out and of new frames`(
        _ rate: Double
    ) throws {
        let table = rows("table", demonstrations: 60, each: 10)
        let threshold = try SimilarityThreshold.calibrated(falseAlarmRate: rate)
            .value(rows: table.rows, width: 4, demonstrations: table.demonstrations)
        let leftOut = SimilarityThreshold.leaveOneDemonstrationOut(
            rows: table.rows, width: 4, demonstrations: table.demonstrations)
        #expect(abs(share(leftOut, under: threshold) - rate) <= 1.5 / 600)
        let new = rows("new", demonstrations: 200, each: 10)
        let similarities = (0..<2000).map { query in
            (0..<600).reduce(-1.0) { max($0, product(new.rows, query, table.rows, $1, width: 4)) }
        }
        #expect(abs(share(similarities, under: threshold) - rate) < 0.05)
    }

    @Test(arguments: [(5, 0.16), (5, 1), (1, 0.6)])
    func `a rate that so few demonstrations cannot resolve is refused`(_ demonstrations: Int, _ rate: Double) {
        let (rows, owners) = rows("table", demonstrations: demonstrations, each: 3)
        let failure = #expect(throws: Failure.self) {
            try SimilarityThreshold.calibrated(falseAlarmRate: rate).value(rows: rows, width: 4, demonstrations: owners)
        }
        #expect(failure?.kind == .data)
        #expect(failure?.expected?.contains("\(demonstrations)") == true)
        #expect(failure?.found?.contains("\(rate)") == true)
    }

    @Test func `the smallest rate that can be resolved is accepted`() throws {
        let (rows, owners) = rows("table", demonstrations: 5, each: 3)
        let threshold = try SimilarityThreshold.calibrated(falseAlarmRate: 1.0 / 6)
            .value(rows: rows, width: 4, demonstrations: owners)
        #expect(threshold.isFinite)
    }

    @Test(arguments: [0.5, 0.75, 0.9]) func `a fixed threshold is used as it is`(_ similarity: Double) throws {
        let (rows, owners) = rows("table", demonstrations: 1, each: 3)
        #expect(try SimilarityThreshold.fixed(similarity).value(rows: rows, width: 4, demonstrations: owners) == similarity)
    }

    private func share(_ similarities: [Double], under threshold: Double) -> Double {
        Double(similarities.count { $0 < threshold }) / Double(similarities.count)
    }
}
