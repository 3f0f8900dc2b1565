import Basics
import Foundation
import Plots
import Runs
import Training

/// A run as it goes on: where it stands, and the losses of the training that wrote last, read from its folder. It takes no part in the
/// run and may look from another terminal.
public struct RunWatch {
    private let folder: String

    /// - Parameter folder: of a run.
    public init(_ folder: String) { self.folder = folder }

    /// State, stage and step on one line, and whether a process is at work.
    /// - Throws: `Failure` when the run cannot be read.
    public func standing() throws -> (line: String, isRunning: Bool) {
        let listing = try RunListing(folder)
        let step = listing.step.map { step in "\(step)" + (listing.steps.map { "/\($0)" } ?? "") }
        let place = [listing.stage.map { "stage \($0)" }, listing.work, step].compactMap { $0 }.joined(separator: ", ")
        return ("\(listing.state)\(place.isEmpty ? "" : ": \(place)")", listing.state == RunStatus.State.running.rawValue)
    }

    /// The losses of the training whose row was written last, drawn with characters; no lines before there are any.
    public func losses(width: Int, height: Int) throws -> [String] {
        let rows = try metrics()
        guard let stage = rows.last?.stage else { return [] }
        func points(_ metric: String) -> [Plot.Point] {
            rows.filter { $0.stage == stage && $0.metric == metric }.map { Plot.Point(x: Double($0.step), y: $0.value) }
        }
        let curves = [
            TextChart.Curve("batches, mean", ".", points(StepMetric.loss)), TextChart.Curve("held-out demonstrations", "o", points(StepMetric.heldoutLoss)),
        ]
        return ["loss of \(stage) against the step"] + TextChart(curves, isLogarithmic: true).lines(width: width, height: height - 1)
    }

    /// Whole lines of `metrics.csv`: the last one may be half written.
    private func metrics() throws -> [MetricsFile.Row] {
        let path = "\(folder)/metrics.csv"
        guard FileSystem.exists(path) else { return [] }
        let content = try FileSystem.read(path)
        guard let end = content.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return try MetricsFile.rows(content.prefix(through: end), from: path)
    }
}
