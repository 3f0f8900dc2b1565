import Basics
import Foundation
import Plots

/// P06: between two demonstrated object positions, does a policy's answer jump or move along?
///
/// The object is put at (1 - α) p1 + α p2, where p1 and p2 are where it lay at the start of two neighbouring training demonstrations,
/// for 21 α; everything else is the first one's start. β(α) is the projection of the answer onto the way from the answer at α = 0 to
/// that at α = 1, of the same draw. A step function and the line β = α are compared by their squared residuals:
/// `p06_step` = line's / (line's + best step's), 1 for a jump, 0 for a line; `p06_slope` is the steepness κ of the best logistic
/// curve 1 / (1 + exp(-κ (α - c))), 4 for about a line and 128 for a jump. Curves whose ends lie closer together than a quarter of
/// the median D12 say nothing and are left out. Unit: the pair of positions. Control: the scripted expert.
///
/// A hard lookup gives steps, a kernel mean lines. Verdict: `steps`, `lines`, `undecided`, by whether the interval of `p06_step`
/// lies above or below 0.5.
///
/// `p06_curves`: policy, scene, sample, alpha, beta, off (distance from the way, over its length).
/// `p06_scenes`: policy, scene, demonstrations, sample, step, slope, switch_at.
public struct InterpolationSweep: Probe {
    public let name = "p06"
    public let title = "step or line between two object positions"
    public let needs: Set<Need> = [.scenes]
    public let endpoints = [Endpoint.step, .stepSlope]
    public let evidence = [
        Evidence(.decides, .c3, [.step], at: .one(Design.sweep.condition)),
        Evidence(.shown, .c3, [.step], of: .role(.sampler), at: .one(Design.sweep.condition)),
        Evidence(.shown, .c3, [.step], of: .role(.standIn), at: .one(Design.sweep.condition)),
        Evidence(.shown, .c3, [.step], of: .role(.memorizer), at: .one(Design.sweep.condition)),
        Evidence(.shown, .c3, [.step], of: .role(.expert), at: .one(Design.sweep.condition)),
    ]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let answers = try context.requireScenes(.sweep, name)
        let all = answers.map { (answers: $0, curves: SweepCurve.all($0, context)) }
        let found = all.map { answers, curves in (answers.generated.policy, curves, estimates(curves, answers.generated.policy, context)) }
        let expert = found.first { $0.0.role == .expert }
        var summary: [SummaryRow] = []
        for (policy, curves, (step, slope)) in found {
            let scenes = Set(curves.map(\.scene)).count
            summary.append(
                Endpoint.step.row(
                    policy.name, Design.sweep.condition, step, control: expert.map { Control($0.0.name) }, expert?.2.step, n: scenes,
                    unit: "scene", verdict(step, context.rules)))
            summary.append(
                Endpoint.stepSlope.row(
                    policy.name, Design.sweep.condition, slope, control: expert.map { Control($0.0.name) }, expert?.2.slope, n: scenes,
                    unit: "scene", .measured))
        }
        return ProbeResult(
            tables: [
                CurveRow.table(found.flatMap { policy, curves, _ in curves.flatMap { CurveRow.all(policy, $0) } }),
                SceneRow.table(found.flatMap { policy, curves, _ in curves.map { SceneRow(policy, $0, context.train.names) } }),
            ], summary: summary)
    }

    private func estimates(_ curves: [SweepCurve], _ policy: PolicyID, _ context: ProbeContext) -> (step: Estimate, slope: Estimate) {
        guard !curves.isEmpty else { return (Estimate(value: nil), Estimate(value: nil)) }
        let bootstrap = context.bootstrap(clusters: curves.map(\.scene), stream: context.seed / name / policy)
        let steps = curves.map(\.step), slopes = SortedSample(curves.map(\.slope))
        return (bootstrap.estimate { weightedMean(steps, $0) }, bootstrap.estimate { slopes.median(weights: $0) })
    }

    private func verdict(_ step: Estimate, _ rules: DecisionRules) -> Verdict {
        switch Endpoint.step.reading(step, rules) {
        case .supports: .steps
        case .contradicts: .lines
        case .open, .shown: .undecided
        }
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(CurveRow.self)
        let policies = source.policies([.subject, .standIn, .table, .memorizer, .interpolator, .expert], in: rows.map(\.policy))
        guard !policies.isEmpty else { return [] }
        return [
            Plot(
                name: "p06_sweep", title: "Answers while the object moves between two demonstrated positions",
                xLabel: "share of the way (alpha)", yLabel: "projection of the answer (beta), median and quartiles", kind: .curves,
                series: policies.map { policy in
                    let own = Dictionary(grouping: rows.filter { $0.policy == policy.name }, by: \.alpha)
                    return Plot.Series(
                        policy,
                        own.keys.sorted().map { alpha in
                            let sample = SortedSample((own[alpha] ?? []).map(\.beta))
                            return Plot.Point(x: alpha, y: sample.quantile(0.5), low: sample.quantile(0.25), high: sample.quantile(0.75))
                        })
                }, yRange: -0.5...1.5)
        ]
    }
}

extension Endpoint {
    static let step = Endpoint(
        "p06_step", "step against line",
        "between two demonstrated object positions: squared residual of the best line over the sum of those of line and best step; 1: jumps, 0: moves along",
        unit: "share of residual", control: Control("expert"), .raisedByMemory) { _ in .above(0.5) }
    static let stepSlope = Endpoint(
        "p06_slope", "steepness",
        "steepness k of the best logistic curve 1 / (1 + exp(-k (alpha - c))); 4 for about a line, 128 for a jump",
        unit: "per unit of alpha", control: Control("expert"), .raisedByMemory)
}

/// The answers of one draw along one sweep.
struct SweepCurve {
    let scene: Int
    let demonstrations: (Int, Int)
    let sample: Int
    let alpha: [Double]
    let beta: [Double]
    /// Distance from the straight way, over its length.
    let off: [Double]
    /// Residual of the line over that of line and best step.
    let step: Double
    let slope: Double
    let switchAt: Double

    static func all(_ answers: DesignedAnswers, _ context: ProbeContext) -> [SweepCurve] {
        DesignedCurves(answers, context).curves.compactMap { curve in
            SweepCurve(curve, other: answers.other, smallest: context.medianD12 / 4)
        }
    }

    /// Nil where the ends are closer together than `smallest`.
    init?(_ curve: DesignedCurves.Curve, other: [Int], smallest: Double) {
        let rows = curve.points, first = rows[0], last = rows[rows.count - 1]
        let way = zip(last, first).map { $0 - $1 }, squared = way.reduce(0) { $0 + $1 * $1 }
        guard (squared / Double(way.count)).squareRoot() > smallest, squared > 0 else { return nil }
        alpha = curve.coordinate
        beta = rows.map { row in
            let along = row.indices.reduce(0.0) { $0 + (row[$1] - first[$1]) * way[$1] }
            return along / squared
        }
        off = zip(rows, beta).map { row, beta -> Double in
            let rest = row.indices.reduce(0.0) { sum, entry in
                let difference = row[entry] - first[entry] - beta * way[entry]
                return sum + difference * difference
            }
            return (rest / squared).squareRoot()
        }
        scene = curve.group
        sample = curve.sample
        demonstrations = (curve.demonstration, other[curve.observations[0]])
        let (alpha, beta) = (alpha, beta)
        func residual(_ fitted: (Int) -> Double) -> Double {
            beta.indices.reduce(0.0) { sum, index in
                let difference = beta[index] - fitted(index)
                return sum + difference * difference
            }
        }
        let line = residual { alpha[$0] }
        let jumps = (1..<alpha.count).map { place -> (cut: Double, residual: Double) in
            ((alpha[place - 1] + alpha[place]) / 2, residual { $0 < place ? 0 : 1 })
        }
        let best = jumps.min { $0.residual < $1.residual } ?? (0.5, line)
        step = line + best.residual > 0 ? line / (line + best.residual) : 0.5
        switchAt = best.cut
        slope = Self.logisticSlope(alpha, beta)
    }

    /// κ of the logistic curve with the smallest squared residual, over a grid of κ in powers of 2 and 41 centres.
    private static func logisticSlope(_ alpha: [Double], _ beta: [Double]) -> Double {
        var best = (slope: 1.0, residual: Double.infinity)
        for exponent in 0...7 {
            let slope = Double(1 << exponent)
            for place in 0...40 {
                let centre = Double(place) / 40
                let residual = zip(alpha, beta).reduce(0) { sum, point in
                    let difference = point.1 - 1 / (1 + exp(-slope * (point.0 - centre)))
                    return sum + difference * difference
                }
                if residual < best.residual { best = (slope, residual) }
            }
        }
        return best.slope
    }
}

/// A row of `p06_curves`.
private struct CurveRow: ProbeTable {
    static let name = "p06_curves"
    var policy = ""
    var scene = 0, sample = 0
    var alpha = 0.0, beta = 0.0, off = 0.0

    static func all(_ policy: PolicyID, _ curve: SweepCurve) -> [CurveRow] {
        curve.alpha.indices.map { index in
            CurveRow(
                policy: policy.name, scene: curve.scene, sample: curve.sample, alpha: curve.alpha[index], beta: curve.beta[index],
                off: curve.off[index])
        }
    }

    static var columns: [Column<CurveRow>] {
        [
            Column("policy", \.policy), Column("scene", \.scene), Column("sample", \.sample), Column("alpha", \.alpha),
            Column("beta", \.beta), Column("off", \.off),
        ]
    }
}

/// A row of `p06_scenes`.
private struct SceneRow: ProbeTable {
    static let name = "p06_scenes"
    var policy = ""
    var scene = 0, sample = 0
    var demonstration = NamedDemonstration(), otherDemonstration = NamedDemonstration()
    var step = 0.0, slope = 0.0, switchAt = 0.0

    init() {}

    init(_ policy: PolicyID, _ curve: SweepCurve, _ names: DemonstrationNames) {
        self.policy = policy.name
        (scene, sample) = (curve.scene, curve.sample)
        (demonstration, otherDemonstration) = (names[curve.demonstrations.0], names[curve.demonstrations.1])
        (step, slope, switchAt) = (curve.step.withoutRounding, curve.slope.withoutRounding, curve.switchAt)
    }

    static var columns: [Column<SceneRow>] {
        [
            Column("policy", \.policy), Column("scene", \.scene), .demonstration(\.demonstration),
            .demonstration("other_", \.otherDemonstration), Column("sample", \.sample), Column("step", \.step),
            Column("slope", \.slope), Column("switch_at", \.switchAt),
        ]
    }
}
