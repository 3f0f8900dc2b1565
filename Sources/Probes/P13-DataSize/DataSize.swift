import Basics
import Plots

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
/// Beside it, deciding nothing: the slope over all sizes, fitted or not, since a policy that stops recalling may also stop
/// fitting its demonstrations to half of D12; and the smallest slope that a study of this precision would find.
///
/// Control: for a share the held-out truth's; for a slope the `memorizer`'s, where it was run at these sizes, else the
/// null, 0.
///
/// Verdict of the slope: `fit unknown` when no size has a fit; `not fitted` with fewer than two fitted sizes; `fades
/// with data` when its interval lies below 0, `grows with data` above, else `undecided`. Shares carry P03's verdict.
///
/// `p13_sizes`: policy, condition, demonstrations, windows, steps, epochs (NA for a policy that was not trained), in_slope,
/// then as `p12_training` from fit on. Endpoints `p13_dcr_share_n<demonstrations>`, `p13_slope`, `p13_slope_all` and `p13_detectable`.
public struct DataSize: Probe {
    public let name = "p13"
    public let title = "memory against the number of demonstrations"
    public let needs: Set<Need> = [.sizes]
    public let endpoints = [Endpoint.sizeShare, .sizeSlope, .sizeSlopeOfAll, .sizeDetectable]
    public let evidence = [
        Evidence(.decides, .c5, [.sizeSlope], of: .role(.standIn)),
        Evidence(.shown, .c5, [.sizeDetectable, .sizeSlopeOfAll, .sizeShare], of: .role(.standIn)),
    ]

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutEqualSplits }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        _ = try context.requireFloor(name)
        let policies = context.evaluated.filter { own in
            own.condition == .heldout && context.siblings.sizes.contains { $0.evaluated(own.policy, .heldout) != nil }
        }.map(\.policy)
        guard !policies.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "measurements at other numbers of demonstrations",
                expected: "a policy under heldout here and at another size", remedy: "train at two or more sizes")
        }
        let contexts = ([context] + context.siblings.sizes).sorted { SizeSlope.size($0) < SizeSlope.size($1) }
        let slopes = try policies.map { try SizeSlope($0, contexts, context) }
        let memorizer = slopes.first { $0.policy.role == .memorizer && $0.estimate.value != nil }
        var table: [SizeRow] = []
        var summary: [SummaryRow] = []
        for slope in slopes {
            for point in slope.points {
                table.append(SizeRow(slope.policy, point))
                summary.append(point.measures.row(Endpoint.sizeShare.member(point.size)))
            }
            let control = slope.policy.role == .memorizer ? nil : memorizer
            summary.append(
                Endpoint.sizeSlope.row(
                    slope.policy.name, .heldout, slope.estimate, control: control.map { Control($0.policy.name) } ?? .noEffect,
                    Estimate(value: control?.estimate.value ?? 0), n: slope.units, unit: slope.unit, slope.verdict(context.rules)))
            summary.append(
                Endpoint.sizeSlopeOfAll.row(
                    slope.policy.name, .heldout, slope.estimateOfAll, Estimate(value: 0), n: slope.units, unit: slope.unit, .measured))
            summary.append(
                Endpoint.sizeDetectable.row(
                    slope.policy.name, .heldout, Estimate(value: slope.smallestDetectable), Estimate(value: 0), n: slope.units,
                    unit: slope.unit, .measured))
        }
        return ProbeResult(tables: [SizeRow.table(table)], summary: summary)
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(SizeRow.self).filter { $0.condition == .heldout }
        guard !rows.isEmpty else { return [] }
        let present = rows.distinct(\.policy)
        let learned = present.compactMap { name in source.policies.first { $0.name == name && !$0.role.isControl } }
        let policies = learned + source.policies([.memorizer, .generalizer], in: present)
        func line(_ policy: PolicyID, _ y: (SizeRow) -> Estimate) -> [Plot.Point] {
            rows.filter { $0.policy == policy.name }.points(x: { Double($0.demonstrations) }, y: y).sorted { $0.x < $1.x }
        }
        let floor = policies.prefix(1).map {
            Plot.Series("held-out truth", isControl: true, mark: .truth, line($0) { Estimate(value: $0.memory.heldoutShare) })
        }
        return [
            Plot(
                name: "p13_dcr_share", title: "Memory against the number of demonstrations",
                xLabel: "training demonstrations", yLabel: "share of sequences nearer to training (DCR share)",
                kind: .curves, series: floor + policies.map { Plot.Series($0, line($0, \.memory.share)) },
                references: [Plot.Reference("no memory", 0.5)], isLogarithmicX: true, yRange: 0...1.02)
        ]
    }
}

extension Endpoint {
    /// A member for every number of demonstrations.
    static let sizeShare = Endpoint(
        "p13_dcr_share_n", "DCR share at # demonstrations",
        "the DCR share of a policy trained on n demonstrations",
        unit: "share of sequences", control: .heldout, .raisedByMemory)
    static let sizeSlope = Endpoint(
        "p13_slope", "slope with data",
        "least-squares slope of (DCR share - that of held-out truth) in ln n, n the number of demonstrations, at equal epochs",
        unit: "share per unit of ln n", control: .noEffect, criterion: { _ in .belowZero })
    static let sizeSlopeOfAll = Endpoint(
        "p13_slope_all", "slope with data, fitted or not",
        "slope with data over every number of demonstrations, also where the policy has not fitted",
        unit: "share per unit of ln n", control: .noEffect)
    static let sizeDetectable = Endpoint(
        "p13_detectable", "smallest slope found",
        "the smallest slope with data whose interval would leave out 0 in 80 % of studies of this precision: (1.96 + 0.84) / 1.96 times half of the interval's width",
        unit: "share per unit of ln n", control: .noEffect)
}

/// A row of `p13_sizes`.
struct SizeRow: ProbeTable {
    static let name = "p13_sizes"
    var policy = ""
    var condition = Condition("")
    var demonstrations = 0, windows = 0
    /// Absent for a policy that was not trained.
    var steps: Int?, epochs: Double?
    var isInSlope = false
    var memory = MemoryColumns()

    init() {}

    init(_ policy: PolicyID, _ point: SizeSlope.Point) {
        let record = point.context.record(policy)
        self.policy = policy.name
        condition = .heldout
        demonstrations = point.size
        windows = record?.windows ?? point.context.train.count
        steps = record?.steps
        epochs = record?.epochs
        isInSlope = point.isFitted
        memory = point.measures.columns
    }

    static var columns: [Column<SizeRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("demonstrations", \.demonstrations),
            Column("windows", \.windows), Column("steps", \.steps), Column("epochs", \.epochs),
            Column("in_slope", \.isInSlope), Column(\.memory),
        ]
    }
}
