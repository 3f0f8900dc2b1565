import Basics
import Plots

/// P16: where the demonstrations go two ways, does a policy know both?
///
/// At the moment at which the object has been picked up in held-out demonstrations of a task with more than one way round an
/// obstacle, 64 sequences are drawn; those of a lookup are its 64 best rows. The way of a sequence is that of the demonstration
/// whose training sequence is nearest. `p16_minor_share` is the share of the sequences that go the less frequent way, mean over the
/// moments; `p16_ways` the number of ways that at least 5 % of the sequences go. Control: the same of the training demonstrations.
///
/// Verdict: `multimodal` when the interval of the minor share lies above 0.05, `not multimodal` when it lies below, else
/// `undecided`.
///
/// `p16_samples`: policy, moment, sample, recalled demonstration, way.
public struct Multimodality: Probe {
    public let name = "p16"
    public let title = "ways known where several were demonstrated"
    public let needs: Set<Need> = [.forks]
    public let endpoints = [Endpoint.minorShare, .ways]
    public let evidence = [
        Evidence(.decides, .c9, [.minorShare], of: .role(.table), at: .one(Design.fork.condition)),
        Evidence(.shown, .c9, [.minorShare], of: .role(.sampler), at: .one(Design.fork.condition)),
        Evidence(.shown, .c9, [.ways], of: .role(.table), at: .one(Design.fork.condition)),
        Evidence(.shown, .c9, [.ways], of: .role(.sampler), at: .one(Design.fork.condition)),
    ]

    /// A way that so many of the sequences go counts as known.
    static let smallestShare = 0.05

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let answers = context.measurements[DesignedAnswers.self].filter { $0.design == .fork }
        guard let ways = answers.first?.ways, Set(ways.values).count > 1 else {
            throw ProbeContext.nothing(
                name, at: "the demonstrations", expected: "a task with several ways, each of them in a training demonstration",
                found: answers.isEmpty ? "a task with one way" : "one way", remedy: "use the task detour with more demonstrations")
        }
        let demonstrated = Self.minorShare(Array(ways.values))
        var rows: [WayRow] = [], summary: [SummaryRow] = []
        for answers in answers {
            let own = WayRow.all(answers, context), policy = answers.generated.policy
            rows += own
            let moments = Dictionary(grouping: own, by: \.moment), order = moments.keys.sorted()
            let minor = order.map { Self.minorShare((moments[$0] ?? []).map(\.way)) }
            let known = order.map { moment -> Double in
                let found = (moments[moment] ?? []).map(\.way)
                return Double(Set(found).count { way in Double(found.count { $0 == way }) >= Self.smallestShare * Double(found.count) })
            }
            let bootstrap = context.bootstrap(units: order.count, seed: context.seed / name / policy)
            let share = bootstrap.estimate { weightedMean(minor, $0) }
            summary.append(
                Endpoint.minorShare.row(
                    policy.name, Design.fork.condition, share, Estimate(value: demonstrated), n: order.count, unit: "moment",
                    verdict(share, context.rules)))
            summary.append(
                Endpoint.ways.row(
                    policy.name, Design.fork.condition, bootstrap.estimate { weightedMean(known, $0) },
                    Estimate(value: Double(Set(ways.values).count)), n: order.count, unit: "moment", .measured))
        }
        return ProbeResult(tables: [WayRow.table(rows)], summary: summary)
    }

    private func verdict(_ share: Estimate, _ rules: DecisionRules) -> Verdict {
        switch Endpoint.minorShare.reading(share, rules) {
        case .supports: .multimodal
        case .contradicts: .notMultimodal
        case .open, .shown: .undecided
        }
    }

    /// Share of all ways but the most frequent.
    static func minorShare(_ ways: [String]) -> Double {
        let counts = Dictionary(grouping: ways) { $0 }.mapValues(\.count)
        return ways.isEmpty ? 0 : 1 - Double(counts.values.max() ?? 0) / Double(ways.count)
    }

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(SummaryRecord.self).filter { $0.endpoint == Endpoint.minorShare.key }
        let policies = source.policies.filter { policy in rows.contains { $0.policy == policy.name } }.map(\.name)
        guard !policies.isEmpty else { return [] }
        return [
            Plot(
                name: "p16_minor_share", title: "Sequences that go the less frequent way", xLabel: "policy",
                yLabel: "share of 64 sequences, mean over moments", kind: .intervals(categories: source.categories(policies)),
                series: [Plot.Series("minor share", rows.points(along: policies, by: \.policy, y: \.estimate))],
                references: rows.first?.controlValue.map { [Plot.Reference("demonstrated", $0)] } ?? [], yRange: 0...0.6)
        ]
    }
}

extension Endpoint {
    static let minorShare = Endpoint(
        "p16_minor_share", "less frequent way",
        "share of the sequences at a fork that go the less frequent way, mean over moments",
        unit: "share of sequences", control: Control("demonstrated")) { _ in
        .above(Multimodality.smallestShare)
    }
    static let ways = Endpoint(
        "p16_ways", "ways",
        "number of ways that at least 5 % of the sequences go",
        unit: "ways", control: Control("demonstrated"))
}

/// A row of `p16_samples`.
private struct WayRow: ProbeTable {
    static let name = "p16_samples"
    var policy = ""
    var moment = 0, sample = 0
    var recalled = NamedDemonstration()
    var way = ""

    static func all(_ answers: DesignedAnswers, _ context: ProbeContext) -> [WayRow] {
        let generated = answers.generated
        let nearest = NearestChunks(of: context.metric.scaled(generated.chunks), in: context.scaledTrain, pool: context.pool)
        return (0..<generated.chunks.count).compactMap { row in
            let demonstration = generated.match[row].map { context.train.demonstration[$0.trainChunk] } ?? nearest.recalledDemonstration[row]
            return answers.ways[demonstration].map { way in
                WayRow(
                    policy: generated.policy.name, moment: generated.cluster[row], sample: generated.sample[row],
                    recalled: context.train.names[demonstration], way: way)
            }
        }
    }

    static var columns: [Column<WayRow>] {
        [
            Column("policy", \.policy), Column("moment", \.moment), Column("sample", \.sample),
            .demonstration("recalled_", \.recalled), Column("way", \.way),
        ]
    }
}
