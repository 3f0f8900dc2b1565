import Basics
import Testing

@testable import Probes

@Suite struct InterpolationSweepTests {
    private let designed = DesignedStudy()

    /// Sweeps from some demonstrations to the nearest one.
    private func answers(_ policy: PolicyID, _ kind: DesignedStudy.Kind) -> DesignedAnswers {
        let latent = designed.study.latent
        var values: [[Float]] = [], first: [Int] = [], second: [Int] = []
        for pair in 0..<6 {
            func squared(_ other: Int) -> Double {
                zip(latent[pair], latent[other]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            }
            let nearest = (0..<16).filter { $0 != pair }.min { squared($0) < squared($1) } ?? 0
            let (a, b) = (latent[pair], latent[nearest])
            for share in Design.sweepShares {
                values.append(designed.answer(kind, zip(a, b).map { (1 - share) * $0 + share * $1 }))
                first.append(pair)
                second.append(nearest)
            }
        }
        return designed.answers(
            policy, .sweep, values, perGroup: 21, demonstrations: first,
            coordinate: (0..<6).flatMap { _ in Design.sweepShares }, other: second)
    }

    @Test func `a hard lookup steps, the truth and a wide kernel move along a line`() throws {
        let result = try designed.run(
            InterpolationSweep(),
            [answers("memorizer", .nearest), answers("interpolator", .kernel(0.7)), answers("expert", .truth)])
        let rows = try ["memorizer", "interpolator", "expert"].map { try #require(result.row("p06_step", $0, "object_sweep")) }
        #expect(rows[0].verdict == .steps && (rows[0].low ?? 0) > 0.5)
        #expect(rows[1].verdict == .lines && (rows[1].high ?? 1) < 0.5)
        #expect(rows[2].verdict == .lines)
        #expect(rows[0].controlValue == rows[2].value && rows[0].n == 6)
        let slopes = try ["memorizer", "expert"].map { try #require(result.row("p06_slope", $0, "object_sweep")?.value) }
        #expect(slopes[0] > slopes[1])
    }

    @Test func `a step is scored 1 and switches where it does, a line 0`() throws {
        func curve(_ beta: (Double) -> Double) throws -> SweepCurve {
            let points = Design.sweepShares.map { [2 * beta($0), 0] }
            let curve = DesignedCurves.Curve(
                group: 0, sample: 0, demonstration: 4, observations: Array(0..<21), coordinate: Design.sweepShares, points: points)
            return try #require(SweepCurve(curve, other: [Int](repeating: 7, count: 21), smallest: 0.1))
        }
        let step = try curve { $0 > 0.62 ? 1 : 0 }
        #expect(step.step == 1 && abs(step.switchAt - 0.625) < 1e-9 && step.slope == 128 && step.demonstrations == (4, 7))
        let line = try curve { $0 }
        #expect(line.step < 1e-9 && line.beta.count == 21 && line.slope < 8)
        #expect(line.off.allSatisfy { $0 < 1e-9 })
    }

    @Test func `an answer that does not change between the ends says nothing`() throws {
        let result = try designed.run(InterpolationSweep(), [answers("mean", .kernel(1e6))])
        #expect(result.row("p06_step", "mean", "object_sweep")?.value == nil)
        #expect(result.row("p06_step", "mean", "object_sweep")?.n == 0)
    }

    @Test func `without scenes the question has no answer`() {
        #expect(throws: Failure.self) { try designed.run(InterpolationSweep(), []) }
    }
}
