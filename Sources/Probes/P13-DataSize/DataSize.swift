import Basics
import Foundation

/// P13: does memory fade as the number of demonstrations grows?
///
/// This study and the same at other numbers of training demonstrations n, each with a reference of the same size and
/// asked at the same held-out observations: the policies that the other sizes have, against their own T and R. Fit,
/// DCR share beside that of true held-out chunks with the same T and R, C_T, S, d1 over the median D12 (P03, P02).
///
/// Slope: least squares of (DCR share - held-out truth's share) in ln n over the sizes at which the policy has fitted;
/// others are left out, because an unfitted policy has no memory at any size. Its interval resamples whole
/// demonstrations of Q, the same at all sizes, and holds for these choices of T and R. A lookup has share 1 at every
/// size and so no slope of its own; what slope it shows is that of the held-out truth with the other sign.
///
/// Control: for a share the held-out truth's; for a slope the `memorizer`'s, where it was run at these sizes, else the
/// null, 0.
///
/// Verdict of the slope: `fit unknown` when no size has a fit; `not fitted` with fewer than two fitted sizes; `fades
/// with data` when its interval lies below 0, `grows with data` above, else `undecided`. Shares carry P03's verdict.
///
/// `p13_sizes`: policy, condition, demonstrations, windows, steps, epochs (NA for a policy that was not trained), in_slope,
/// then as `p12_training` from fit on. Endpoints `p13_dcr_share_n<demonstrations>` and `p13_slope`.
public struct DataSize: Probe {
    public let name = "p13"
    public let title = "memory against the number of demonstrations"

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let condition = GeneratedChunks.Condition.heldout
        _ = try context.requireFloor(name)
        let sizes = context.measurements.sizes
        let names = context.evaluated.filter { own in
            own.condition == condition && sizes.contains { $0.evaluated(own.policy, condition) != nil }
        }.map(\.policy)
        guard !names.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "measurements at other numbers of demonstrations",
                expected: "a policy under heldout here and at another size", remedy: "train at two or more sizes")
        }
        let contexts = ([context] + sizes).sorted { Self.size($0) < Self.size($1) }
        var table = Table(
            columns: ["policy", "condition", "demonstrations", "windows", "steps", "epochs", "in_slope"]
                + MemoryMeasures.columns)
        var summary: [SummaryRow] = []
        let slopes = try names.map { try Slope($0, condition, contexts, context) }
        let memorizer = slopes.first { $0.policy == "memorizer" }?.estimate.value
        for slope in slopes {
            for point in slope.points {
                let record = point.context.record(slope.policy)
                table.append(
                    [
                        .text(slope.policy), .text(condition), .integer(point.size),
                        .integer(record?.windows ?? point.context.train.count),
                        record.map { .integer($0.steps) } ?? .missing, Table.Cell(record?.epochs),
                        Table.Cell(point.isFitted),
                    ] + point.measures.cells(context.rules))
                summary.append(point.measures.row("p13_dcr_share_n\(point.size)", context.rules))
            }
            let isControlled = slope.policy != "memorizer" && memorizer != nil
            summary.append(
                SummaryRow(
                    "p13_slope", policy: slope.policy, condition: condition, slope.estimate, n: slope.units,
                    unit: slope.unit, control: isControlled ? "memorizer" : "null",
                    controlValue: isControlled ? memorizer : 0, verdict: slope.verdict))
        }
        return ProbeResult(tables: [("p13_sizes", table)], summary: summary)
    }

    private static func size(_ context: ProbeContext) -> Int { context.train.demonstrations.count }

    /// One policy over all sizes.
    private struct Slope {
        struct Point {
            let size: Int
            let context: ProbeContext
            let evaluated: EvaluatedChunks
            let heldout: EvaluatedChunks
            let measures: MemoryMeasures

            var isFitted: Bool { measures.fit?.isFitted ?? false }
        }

        let policy: String
        let points: [Point]
        let estimate: Estimate
        let units: Int
        let unit: String
        let verdict: Verdict

        init(_ policy: String, _ condition: String, _ contexts: [ProbeContext], _ main: ProbeContext) throws {
            var points: [Point] = []
            for context in contexts {
                guard let evaluated = context.evaluated(policy, condition) else { continue }
                let heldout = try context.requireFloor("p13")
                points.append(
                    Point(
                        size: DataSize.size(context), context: context, evaluated: evaluated, heldout: heldout,
                        measures: MemoryMeasures(evaluated, heldout: heldout, context)))
            }
            let fitted = points.filter(\.isFitted)
            // Columns alternate: the policy's, then the held-out truth's.
            let shares = ClusterMeans(
                fitted.flatMap { point in
                    [
                        (point.evaluated.closerToTrain, point.evaluated.generated.cluster),
                        (point.heldout.closerToTrain, point.heldout.generated.cluster),
                    ]
                })
            let logarithms = fitted.map { log(Double($0.size)) }
            let isEnough = Set(fitted.map(\.size)).count > 1
            estimate =
                isEnough
                ? shares.estimate(main, stream: main.seed / "p13" / policy) { means in
                    LeastSquares.slope(
                        logarithms, logarithms.indices.map { means[2 * $0] - means[2 * $0 + 1] })
                } : Estimate(value: nil)
            self.policy = policy
            self.points = points
            units = points.map(\.measures.units).max() ?? 0
            unit = points.first?.measures.unit ?? "demonstration"
            if points.allSatisfy({ $0.measures.fit == nil }) {
                verdict = .fitUnknown
            } else if !isEnough {
                verdict = .notFitted
            } else {
                verdict = estimate.lies(below: 0) ? .fadesWithData : estimate.lies(above: 0) ? .growsWithData : .undecided
            }
        }
    }
}
