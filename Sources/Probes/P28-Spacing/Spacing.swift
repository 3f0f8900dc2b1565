import Basics
import Plots

/// P28: is the published score a property of the policy or of its data?
///
/// S = 1 - s(τ, τ1) / s(τ1, τ2) (P02) grows with the distance between demonstrations: where the second-nearest training
/// sequence is far, any sequence near a training one scores high. The same low-dim policy is trained on as many demonstrations
/// of the same task whose objects start anywhere or on a coarse grid, by an expert of half its noise or all of it, two by two, and
/// asked at held-out observations of its own demonstrations. Units are fitted in each cell anew, on its own T.
///
/// Control: the same number for true held-out chunks of the cell, in `oracles.csv` also the memorizer's 1. `p28_s_median` and
/// `p28_dcr_share` have a condition for every cell; S carries `measured`, the share P03's verdict.
///
/// `p28_cells`: starts, expert_noise, policy, demonstrations, d12_median (training standard deviations), S with interval, held-out
/// S with interval, then as `p12_training` from fit on.
public struct Spacing: Probe {
    public let name = "p28"
    public let title = "the score against the distance between demonstrations"
    public let needs: Set<Need> = [.spacings]
    public let endpoints = [Endpoint.spacedScore, .spacedShare]
    public let evidence = [Evidence(.shown, .c1, [.spacedScore], of: .role(.standIn), at: .each(SpacingCell.all.map(\.condition)))]

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutEqualSplits }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        var rows: [SpacingRow] = [], summary: [SummaryRow] = []
        for spaced in context.siblings.spacings {
            let own = spaced.context, heldout = try own.requireFloor(name)
            let floor = NeighbourMedians(heldout, bootstrap: own.bootstrap(of: heldout, name))
            for evaluated in own.evaluated where evaluated.condition == .heldout && Self.isCompared(evaluated.policy, context) {
                let score = NeighbourMedians(evaluated, bootstrap: own.bootstrap(of: evaluated, name))[.score]
                let measures = MemoryMeasures(evaluated, heldout: heldout, own)
                var row = SpacingRow()
                (row.starts, row.expertNoise, row.policy) = (spaced.cell.starts.rawValue, spaced.cell.expertNoise, evaluated.policy.name)
                (row.demonstrations, row.medianD12) = (own.train.demonstrations.count, own.medianD12)
                (row.score, row.heldoutScore, row.memory) = (score, floor[.score], measures.columns)
                rows.append(row)
                summary += [
                    Endpoint.spacedScore.row(
                        evaluated.policy.name, spaced.cell.condition, score, control: .heldout, floor[.score], n: evaluated.units,
                        unit: evaluated.generated.unit, measures.withheld ?? .measured),
                    Endpoint.spacedShare.row(
                        evaluated.policy.name, spaced.cell.condition, measures.share, control: .heldout,
                        Estimate(value: measures.heldoutShare), n: evaluated.units, unit: evaluated.generated.unit, measures.verdict),
                ]
            }
        }
        guard !rows.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "demonstrations of other spacing", expected: "held-out answers of a policy", remedy: "set state.spacing to true")
        }
        return ProbeResult(tables: [SpacingRow.table(rows)], summary: summary)
    }

    /// What was asked in every cell: the study's own has many policies more.
    private static func isCompared(_ policy: PolicyID, _ context: ProbeContext) -> Bool {
        context.siblings.spacings.allSatisfy { $0.context.evaluated(policy, .heldout) != nil }
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(SpacingRow.self), cells = rows.distinct(\.title)
        guard !rows.isEmpty else { return [] }
        let policies = source.policies([.standIn, .memorizer, .interpolator], in: rows.map(\.policy))
        func series(_ policy: PolicyID, _ y: (SpacingRow) -> Estimate) -> Plot.Series {
            Plot.Series(policy, rows.filter { $0.policy == policy.name }.points(along: cells, by: \.title, y: y))
        }
        func plot(_ name: String, _ title: String, _ yLabel: String, _ references: [Plot.Reference], _ series: [Plot.Series]) -> Plot {
            Plot(
                name: name, title: title, xLabel: "where objects start, and the expert's noise", yLabel: yLabel,
                kind: .intervals(categories: cells.map { Plot.Category($0) }), series: series, references: references, yRange: 0...1.02)
        }
        let first = rows.filter { $0.policy == rows[0].policy }
        return [
            plot(
                "p28_score", "The published score against how far apart demonstrations lie", "median S", [Plot.Reference("published", Self.published)],
                policies.map { series($0, \.score) }
                    + [Plot.Series("held-out truth", isControl: true, mark: .truth, first.points(along: cells, by: \.title, y: \.heldoutScore))]),
            plot(
                "p28_share", "Memory against how far apart demonstrations lie", "share nearer to training (DCR share)",
                [Plot.Reference("no memory", 0.5)],
                policies.map { series($0, \.memory.share) }
                    + [
                        Plot.Series(
                            "held-out truth", isControl: true, mark: .truth,
                            first.points(along: cells, by: \.title) { Estimate(value: $0.memory.heldoutShare) })
                    ]),
        ]
    }

    /// arXiv 2505.05787, of its diffusion policies at unseen images.
    private static let published = 0.935
}

extension Endpoint {
    static let spacedScore = Endpoint(
        "p28_s_median", "score S at another spacing",
        "the score S of a policy trained on demonstrations nearer together or farther apart",
        unit: "S", control: .heldout, .raisedByMemory)
    static let spacedShare = Endpoint(
        "p28_dcr_share", "DCR share at another spacing",
        "the DCR share of such a policy",
        unit: "share of sequences", control: .heldout, .raisedByMemory)
}

/// A row of `p28_cells`: one policy on demonstrations of one spacing.
struct SpacingRow: ProbeTable {
    static let name = "p28_cells"
    var starts = ""
    var expertNoise = 0.0
    var policy = ""
    var demonstrations = 0
    /// Distance between a training chunk and the nearest of another demonstration.
    var medianD12 = 0.0
    var score = Estimate(value: nil), heldoutScore = Estimate(value: nil)
    var memory = MemoryColumns()

    init() {}

    var title: String { SpacingCell.Starts(rawValue: starts).map { SpacingCell(starts: $0, expertNoise: expertNoise).title } ?? starts }

    static var columns: [Column<SpacingRow>] {
        [
            Column("starts", \.starts), Column("expert_noise", \.expertNoise), Column("policy", \.policy),
            Column("demonstrations", \.demonstrations), Column("d12_median", \.medianD12), .bounds("s", \.score),
            .bounds("heldout_s", \.heldoutScore), Column(\.memory),
        ]
    }
}
