import Basics

/// Whether each probe told the three oracles apart in a study: what its numbers for a trained policy may be read between.
public struct OracleTable: Sendable {
    /// An endpoint and which oracle must have the larger value.
    private struct Expectation {
        let endpoint: String
        let memorizerIsLarger: Bool
    }

    private static let expectations = [
        Expectation(endpoint: "p02_s_median", memorizerIsLarger: true),
        Expectation(endpoint: "p02_d1_median", memorizerIsLarger: false),
        Expectation(endpoint: "p03_dcr_share", memorizerIsLarger: true),
        Expectation(endpoint: "p03_mem_auc", memorizerIsLarger: true),
        Expectation(endpoint: "p04_nearest_minus_expert", memorizerIsLarger: false),
        Expectation(endpoint: "p05_exact_minus_truth", memorizerIsLarger: true),
        Expectation(endpoint: "p07_largest_weight", memorizerIsLarger: true),
        Expectation(endpoint: "p07_residual", memorizerIsLarger: false),
        Expectation(endpoint: "p10_memory_share", memorizerIsLarger: true),
        Expectation(endpoint: "p20_memory", memorizerIsLarger: true),
        Expectation(endpoint: "p27_error_over_d12", memorizerIsLarger: true),
    ]
    private static let oracles = ["memorizer", "interpolator", "generalizer"]

    /// One row per endpoint: probe, endpoint, value and interval of every oracle, `expected` (the larger one),
    /// `separated` (true when the intervals of memorizer and generalizer do not overlap and lie in the expected order),
    /// `interpolator_between` (whether its value lies between theirs; a probe of recall alone need not put it there).
    public let table: Table

    public init(_ summary: [SummaryRow]) {
        var table = Table(
            columns: ["probe", "endpoint"] + Self.oracles.flatMap { [$0, $0 + "_low", $0 + "_high"] }
                + ["expected", "separated", "interpolator_between"])
        for expectation in Self.expectations {
            let rows = Self.oracles.compactMap { oracle in
                summary.first {
                    $0.endpoint == expectation.endpoint && $0.policy == oracle
                        && $0.condition == GeneratedChunks.Condition.heldout
                }
            }
            guard rows.count == Self.oracles.count else { continue }
            let bounds = rows.map { row in (low: row.low ?? row.value, high: row.high ?? row.value) }
            let (larger, smaller) = expectation.memorizerIsLarger ? (bounds[0], bounds[2]) : (bounds[2], bounds[0])
            let separated = larger.low.flatMap { low in smaller.high.map { low > $0 } } ?? false
            let values = rows.compactMap(\.value)
            let between = values.count == 3 && min(values[0], values[2]) <= values[1] && values[1] <= max(values[0], values[2])
            let numbers = rows.flatMap { [Table.Cell($0.value), Table.Cell($0.low), Table.Cell($0.high)] }
            table.append(
                [.text(String(expectation.endpoint.prefix { $0 != "_" })), .text(expectation.endpoint)] + numbers + [
                    .text(expectation.memorizerIsLarger ? "memorizer" : "generalizer"), Table.Cell(separated), Table.Cell(between),
                ])
        }
        self.table = table
    }
}
