import Basics
import Compute

/// Checks that stand before every measurement: a fast wrong answer is no result.
enum ResultCheck {
    /// - Throws: `Failure` (`defect`) unless `condition` holds.
    static func require(_ condition: Bool, _ what: String, row: String, expected: String, found: @autoclosure () -> String) throws {
        guard !condition else { return }
        throw Failure(
            .defect, "the benchmark's check failed: \(what)", at: row, expected: expected, found: found(),
            remedy: "report this defect with the output of `alt info`; nothing was timed")
    }

    /// Finite numbers, and the same bits for another number of workers.
    static func sameBits(_ values: [Float], _ others: [Float], workers: (Int, Int), row: String) throws {
        let bad = values.firstIndex { !$0.isFinite }
        try require(bad == nil, "a result is not finite", row: row, expected: "finite numbers", found: "\(values[bad ?? 0]) at \(bad ?? 0)")
        let different = values.count == others.count ? values.indices.first { values[$0].bitPattern != others[$0].bitPattern } : 0
        try require(
            different == nil, "the result depends on the number of workers", row: row,
            expected: "equal bits with \(workers.0) and \(workers.1) workers",
            found: "\(values[different ?? 0]) and \(others.isEmpty ? .nan : others[different ?? 0]) at \(different ?? 0)")
    }

    /// Every product of a plan agrees with its plain reference to float32 rounding.
    static func products(of plan: Plan, row: String) throws {
        let tolerance: Float = 1e-5
        for result in ProductCheck.results(of: plan, seed: BenchmarkContext.seed / "products") {
            try require(
                result.error <= tolerance, "a kernel differs from its plain reference", row: row,
                expected: "\(result.kernel) within \(tolerance) of its definition", found: "\(result.error)")
        }
    }

    /// A number of workers to compare `workers` with.
    static func otherWorkers(than workers: Int) -> Int { workers == 1 ? 2 : 1 }
}
