import Basics
import Foundation
import Plots
import Probes

/// A row of `figures.csv`: what was drawn, and where it is.
struct FigureRow: ProbeTable {
    static let name = "figures"
    /// `plots` or `sheets`.
    var folder = ""
    var figure = "", title = ""

    /// The rows of a file's content.
    static func rows(csv: Data, file: String) throws -> [FigureRow] {
        let content = try CSVText.parse(String(decoding: csv, as: UTF8.self), name: file)
        return try rows(columns: content.columns, content.rows, file: file)
    }

    static var columns: [Column<FigureRow>] { [Column("folder", \.folder), Column("figure", \.figure), Column("title", \.title)] }

    /// The probe that it belongs to, by the beginning of its name; nil for trainings and sheets.
    var probe: String? { figure.hasPrefix("p") && figure.dropFirst().prefix(2).allSatisfy(\.isNumber) ? String(figure.prefix(3)) : nil }
}
