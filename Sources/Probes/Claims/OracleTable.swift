import Basics

/// `oracles.csv`: whether each probe told the three oracles apart in a study, at held-out observations: what its numbers for
/// a trained policy may be read between.
///
/// Columns: probe, endpoint, value and interval of every oracle, `expected` (the larger one), `separated` (true when the
/// intervals of memorizer and generalizer do not overlap and lie in the expected order), `interpolator_between` (whether its
/// value lies between theirs; a probe of recall alone need not put it there).
public struct OracleTable: Sendable {
    private struct Row: Record {
        var probe = "", endpoint = ""
        var memorizer = Estimate(value: nil), interpolator = Estimate(value: nil), generalizer = Estimate(value: nil)
        var expected = ""
        var isSeparated = false, isBetween = false

        static var columns: [Column<Row>] {
            [
                Column("probe", \.probe), Column("endpoint", \.endpoint), .bounds("memorizer", \.memorizer),
                .bounds("interpolator", \.interpolator), .bounds("generalizer", \.generalizer),
                Column("expected", \.expected), Column("separated", \.isSeparated),
                Column("interpolator_between", \.isBetween),
            ]
        }
    }

    public let table: Table

    /// - Parameter probes: Those whose endpoints say that they separate the oracles.
    public init(_ summary: [SummaryRow], _ context: ProbeContext, probes: [any Probe] = AllProbes.all) {
        let oracles = PolicyRole.oracles.compactMap { context.policy($0)?.name }
        let endpoints = probes.flatMap(\.endpoints).filter(\.separatesOracles)
        table = Table(
            oracles.count < PolicyRole.oracles.count ? [] : endpoints.compactMap { Self.row($0, summary, oracles) })
    }

    private static func row(_ endpoint: Endpoint, _ summary: [SummaryRow], _ oracles: [String]) -> Row? {
        let found = oracles.compactMap { oracle in
            summary.first { $0.endpoint == endpoint && $0.policy == oracle && $0.condition == .heldout }?.estimate
        }
        guard found.count == oracles.count else { return nil }
        let (memorizer, interpolator, generalizer) = (found[0], found[1], found[2])
        let isRaised = endpoint.direction == .raisedByMemory
        let (larger, smaller) = isRaised ? (memorizer, generalizer) : (generalizer, memorizer)
        let values = found.compactMap(\.value)
        return Row(
            probe: endpoint.probe, endpoint: endpoint.key, memorizer: memorizer, interpolator: interpolator,
            generalizer: generalizer, expected: oracles[isRaised ? 0 : 2],
            isSeparated: (larger.low ?? larger.value).flatMap { low in (smaller.high ?? smaller.value).map { low > $0 } } ?? false,
            isBetween: values.count == 3 && min(values[0], values[2]) <= values[1] && values[1] <= max(values[0], values[2]))
    }
}
