import Basics
import Foundation
import Logging

/// Something `PlotWriter` can write: data, and a gnuplot script that draws them.
public protocol Figure: Sendable {
    /// File name without extension.
    var name: String { get }
    var table: Table { get }
    /// Draws `<name>.svg` and `<name>.png` from `<name>.csv` beside it.
    var script: String { get }
    /// Whether there is nothing to draw.
    var isEmpty: Bool { get }
}

/// Writes plots into a folder: `<name>.csv`, `<name>.gp` and, with gnuplot, `<name>.svg` and `<name>.png`.
public struct PlotWriter: Sendable {
    let folder: String
    let log: Logger
    let gnuplot: ExternalProgram?

    /// Looks for gnuplot through `searchPath`; without it the pictures are left out, with one warning, and the run goes on.
    public init(folder: String, log: Logger, searchPath: String? = ProcessInfo.processInfo.environment["PATH"]) {
        self.folder = folder
        self.log = log
        gnuplot = ExternalProgram("gnuplot", searchPath: searchPath)
        if gnuplot == nil {
            log.warning(
                "gnuplot is missing: plots are left as .gp and .csv; `apt-get install gnuplot-nox`, then `gnuplot NAME.gp` in \(folder)")
        }
    }

    /// - Throws: `Failure` when a file cannot be written or gnuplot fails. A plot without points is left out with a message.
    public func write(_ plot: some Figure) throws {
        guard !plot.isEmpty else { return log.info("plot \(plot.name): nothing to draw") }
        try AtomicFile.write(plot.table.csv, to: "\(folder)/\(plot.name).csv")
        try AtomicFile.write(plot.script, to: "\(folder)/\(plot.name).gp")
        guard let gnuplot else { return }
        let result = try gnuplot.run(["\(plot.name).gp"], in: folder)
        guard result.status == 0 else {
            throw Failure(
                .inputOutput, "gnuplot could not draw a plot", at: "\(folder)/\(plot.name).gp", found: result.error,
                remedy: "run `gnuplot \(plot.name).gp` in that folder")
        }
    }
}

/// gnuplot's single quotes, in which only the quote itself is special.
func gnuplotQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}
