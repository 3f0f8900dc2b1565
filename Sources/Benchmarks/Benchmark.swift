import Basics

/// Measures rows one after the other: prepared, checked, then timed, with the machine's limits before and after.
public struct Benchmark {
    public let rows: [BenchmarkRow]
    public let context: BenchmarkContext
    public let effort: Timing.Effort

    public init(rows: [BenchmarkRow], context: BenchmarkContext, effort: Timing.Effort) {
        self.rows = rows
        self.context = context
        self.effort = effort
    }

    /// - Parameter each: called after every row with everything so far.
    /// - Throws: `Failure`: `defect` when a check fails.
    public func run(_ each: (BenchmarkReport) throws -> Void = { _ in }) throws -> BenchmarkReport {
        var report = BenchmarkReport(limits: MachineLimits(workers: context.workers))
        for (index, row) in rows.enumerated() {
            context.progress("\(index + 1)/\(rows.count) \(row.name)")
            report.results.append(try measure(row, &report.limits))
            try each(report)
        }
        return report
    }

    private func measure(_ row: BenchmarkRow, _ limits: inout MachineLimits) throws -> BenchmarkResult {
        let subject = try row.prepare(context)
        try subject.check()
        var timing: Timing?
        if row.isTimed {
            try limits.measure(subject.limit)
            timing = try Timing.measure(effort, subject.run)
            try limits.measure(subject.limit)
        }
        let breakdown = row.isTimed ? try OperationBreakdown(of: subject) : nil
        let file = (subject as? LoadDemonstrations)?.path
        let memory = row.measuresMemory ? try PeakMemory.ofChild(row: row.name, context, file: file) : nil
        return BenchmarkResult(
            row: row.name, timing: timing, memory: memory, flops: row.isTimed ? subject.flops : 0,
            executedFlops: row.isTimed ? subject.executedFlops : 0,
            bytes: row.isTimed ? subject.bytes : 0, limit: subject.limit, workers: context.workers,
            note: subject.note + (memory.map { Self.note($0, subject) } ?? ""), breakdown: breakdown)
    }

    /// What of the peak is the program's own, and the rest beside what the row produces.
    private static func note(_ memory: PeakMemory, _ subject: any Measurable) -> String {
        let own = ", \(SignificantDigits.shortened(memory.before, digits: 3)) MiB before"
        guard let load = subject as? LoadDemonstrations else { return own }
        let share = (memory.peak - memory.before) * 1_048_576 / Double(load.bytes)
        return own + ", then \(SignificantDigits.shortened(share, digits: 3)) times the cache"
    }
}

/// Every row of the benchmark.
public enum BenchmarkRows {
    public static func all(_ sizes: BenchmarkSizes) -> [BenchmarkRow] {
        trainings + [1, 2].flatMap(trainings(beside:)) + queries(sizes) + files
    }

    private static let trainings = [
        BenchmarkRow("train_step_image") { try DiffusionStep.wholePolicy($0) },
        BenchmarkRow("train_step_act", hasPeer: false) { try DiffusionStep.actionChunking($0) },
        BenchmarkRow("train_step_alt") { ContrastiveStep($0) },
        BenchmarkRow("forward_backward_unet") { try DiffusionStep.unet($0, downDims: $0.sizes.downDims) },
    ]

    private static func trainings(beside programs: Int) -> [BenchmarkRow] {
        [
            BenchmarkRow("train_step_image_busy_\(programs)", hasPeer: false) {
                try BusyStep(beside: programs, $0) { try DiffusionStep.wholePolicy($0) }
            },
            BenchmarkRow("forward_backward_unet_busy_\(programs)", hasPeer: false) {
                try BusyStep(beside: programs, $0) { try DiffusionStep.unet($0, downDims: $0.sizes.downDims) }
            },
        ]
    }

    private static func queries(_ sizes: BenchmarkSizes) -> [BenchmarkRow] {
        [
            BenchmarkRow("policy_query_100_steps") { PolicyQuery.compact($0, steps: 100, samples: 1) },
            BenchmarkRow("policy_query_100_steps_\(sizes.querySamples)_samples") {
                PolicyQuery.compact($0, steps: 100, samples: $0.sizes.querySamples)
            },
            BenchmarkRow("policy_query_10_steps") { PolicyQuery.compact($0, steps: 10, samples: 1) },
            BenchmarkRow("serve_query_10_steps", hasPeer: false) { try ServedQuery($0) },
            BenchmarkRow("alt_encode_one") { EncodeOne($0) },
        ]
            + sizes.tableRows.map { rows in BenchmarkRow("lookup_top5_\(rows)") { LookupTop5($0, rows: rows) } }
            + [
                BenchmarkRow("lookup_top5_\(sizes.tableRows[1])_batch_\(sizes.tableQueries)") {
                    LookupTop5($0, rows: sizes.tableRows[1], queries: sizes.tableQueries)
                },
                BenchmarkRow("reference_unet_one_step") { PolicyQuery.referenceUnet($0) },
            ]
    }

    private static let files = [
        BenchmarkRow("load_robomimic", measuresMemory: true) { try LoadDemonstrations($0) },
        BenchmarkRow("simulate_tabletop", hasPeer: false) { try SimulateTabletop($0) },
        BenchmarkRow("render_tabletop", hasPeer: false) { try RenderTabletop($0) },
        BenchmarkRow("memory_train_step", isTimed: false, measuresMemory: true) { try DiffusionStep.wholePolicy($0) },
    ]

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
