import Basics

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

extension Plot: Figure {
    public var isEmpty: Bool { series.isEmpty }
}

/// gnuplot's single quotes, in which only the quote itself is special.
func gnuplotQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}
