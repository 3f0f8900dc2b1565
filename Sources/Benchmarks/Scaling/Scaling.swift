import Basics
import Foundation

/// Measures the product at growing sizes.
public struct Scaling {
    public let sizes: ScalingSizes
    public let context: BenchmarkContext
    public let effort: Timing.Effort

    public init(sizes: ScalingSizes, context: BenchmarkContext, effort: Timing.Effort) {
        self.sizes = sizes
        self.context = context
        self.effort = effort
    }

    /// - Parameter each: called after every sweep with everything so far.
    /// - Throws: `Failure`: `defect` when a check fails.
    public func run(_ each: (ScalingReport) throws -> Void = { _ in }) throws -> ScalingReport {
        var report = ScalingReport()
        for sweep in [batches, workers, widths, tables, demonstrations] {
            report.sweeps.append(try sweep())
            try each(report)
        }
        return report
    }

    private func batches() throws -> ScalingSweep {
        let points = try sizes.batches.map { batch in
            var context = context
            context.sizes.batch = batch
            return try point(Double(batch), "batch \(batch)", DiffusionStep.wholePolicy(context))
        }
        return ScalingSweep(
            name: "step_batch", title: "Training step of the image policy against the batch", xLabel: "batch (samples)",
            points: points)
    }

    private func workers() throws -> ScalingSweep {
        let counts = Array(sequence(first: 1) { 2 * $0 }.prefix { $0 < context.workers }) + [context.workers]
        let points = try counts.map { workers in
            var context = context
            context.workers = workers
            return try point(Double(workers), workers == 1 ? "1 worker" : "\(workers) workers", DiffusionStep.wholePolicy(context))
        }
        return ScalingSweep(
            name: "step_workers", title: "Training step of the image policy against workers", xLabel: "workers (threads)",
            quantity: .runsPerSecond, points: points)
    }

    /// Against the work and not the width, of which the work is no linear function.
    private func widths() throws -> ScalingSweep {
        let points = try sizes.widths.map { width in
            let subject = try DiffusionStep.unet(context, downDims: context.sizes.downDims.map { Int(Double($0) * width) })
            return try point(Double(subject.flops) / 1e9, "\(width) x", subject)
        }
        return ScalingSweep(
            name: "unet_width",
            title: "U-Net, forward and backward, \(sizes.widths.map { "\($0)" }.joined(separator: ", ")) times the compact width",
            xLabel: "work of one step (GFLOP)", points: points)
    }

    private func tables() throws -> ScalingSweep {
        let fitting = sizes.fitting()
        for rows in sizes.tableRows where !fitting.contains(rows) {
            context.progress("lookup_rows: \(rows) rows left out: they need more than half of this machine's memory")
        }
        let points = try fitting.map { try point(Double($0), "\($0) rows", LookupTop5(context, rows: $0)) }
        return ScalingSweep(
            name: "lookup_rows", title: "Five nearest rows of a lookup table", xLabel: "rows of 128", isLogarithmic: true,
            points: points)
    }

    private func demonstrations() throws -> ScalingSweep {
        let points = try sizes.demonstrations.map { count in
            var context = context
            context.file = nil
            return try point(Double(count), count == 1 ? "1 demonstration" : "\(count) demonstrations", LoadDemonstrations(context, demonstrations: count))
        }
        return ScalingSweep(
            name: "load_demonstrations", title: "Loading a gzip robomimic file into the image cache", xLabel: "demonstrations",
            points: points)
    }

    private func point(_ x: Double, _ label: String, _ subject: any Measurable) throws -> ScalingSweep.Point {
        context.progress(subject.note.hasPrefix(label) ? subject.note : "\(label): \(subject.note)")
        try subject.check()
        return ScalingSweep.Point(
            x: x, label: label, timing: try Timing.measure(effort, subject.run), flops: subject.flops, bytes: subject.bytes)
    }
}

/// Where scaling is measured.
public struct ScalingSizes: Sendable, Equatable {
    public var batches = [8, 16, 32, 64, 128, 256]
    /// Factors of the compact U-Net's levels.
    public var widths = [0.5, 1, 2, 4]
    public var tableRows = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
    public var demonstrations = [4, 8, 16, 32, 64]

    public init() {}

    /// The smaller part of each, for a first look.
    public static var quick: ScalingSizes {
        var sizes = ScalingSizes()
        sizes.batches = [8, 16, 32, 64]
        sizes.widths = [0.5, 1, 2]
        sizes.tableRows = [1_000, 10_000, 100_000]
        sizes.demonstrations = [2, 4, 8]
        return sizes
    }

    /// For tests, with `BenchmarkSizes.tiny`.
    public static var tiny: ScalingSizes {
        var sizes = ScalingSizes()
        sizes.batches = [1, 2, 3]
        sizes.widths = [1, 2]
        sizes.tableRows = [20, 50]
        sizes.demonstrations = [1, 2]
        return sizes
    }

    /// Without the tables that need more than half of this machine's memory: floats, their compact form, and room to work.
    func fitting(memory: UInt64 = ProcessInfo.processInfo.physicalMemory) -> [Int] {
        tableRows.filter { UInt64($0) * UInt64(BenchmarkSizes.embedding) * 6 <= memory / 2 }
    }
}
