import Basics

/// Every row of the benchmark.
public enum BenchmarkRows {
    public static func all(_ sizes: BenchmarkSizes) -> [BenchmarkRow] {
        [
            BenchmarkRow("train_step_image") { try DiffusionStep.wholePolicy($0) },
            BenchmarkRow("train_step_alt") { ContrastiveStep($0) },
            BenchmarkRow("forward_backward_unet") { try DiffusionStep.unet($0, downDims: $0.sizes.downDims) },
            BenchmarkRow("policy_query_100_steps") { PolicyQuery.compact($0, steps: 100, samples: 1) },
            BenchmarkRow("policy_query_100_steps_\(sizes.querySamples)_samples") {
                PolicyQuery.compact($0, steps: 100, samples: $0.sizes.querySamples)
            },
            BenchmarkRow("policy_query_10_steps") { PolicyQuery.compact($0, steps: 10, samples: 1) },
            BenchmarkRow("alt_encode_one") { EncodeOne($0) },
        ]
            + sizes.tableRows.map { rows in
                BenchmarkRow("lookup_top5_\(rows)") { LookupTop5($0, rows: rows) }
            } + [
                BenchmarkRow("reference_unet_one_step") { PolicyQuery.referenceUnet($0) },
                BenchmarkRow("load_robomimic", measuresMemory: true) { try LoadDemonstrations($0) },
                BenchmarkRow("memory_train_step", isTimed: false, measuresMemory: true) { try DiffusionStep.wholePolicy($0) },
            ]
    }

    /// The rows of these names, in the benchmark's order; all rows when there are no names.
    /// - Throws: `Failure` (`usage`) for a name that no row has.
    public static func named(_ names: [String], _ sizes: BenchmarkSizes) throws -> [BenchmarkRow] {
        let rows = all(sizes), known = rows.map(\.name)
        if let stranger = names.first(where: { !known.contains($0) }) {
            throw Failure(
                .usage, "the benchmark has no row of this name", at: "--row \(stranger)",
                expected: NearestName.list(known, for: stranger), found: stranger, remedy: "`alt bench --list` prints the rows")
        }
        return names.isEmpty ? rows : rows.filter { names.contains($0.name) }
    }
}
