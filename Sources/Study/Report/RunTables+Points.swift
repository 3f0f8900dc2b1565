import Plots

/// From rows to what is drawn.
extension RunTables.Rows {
    /// A point a row at the number of a column; rows without a number are left out.
    func points(
        _ rows: [[String]], at column: String, y: String, low: String = "ci_low", high: String = "ci_high"
    ) -> [Plot.Point] {
        rows.compactMap { row in number(column, row).flatMap { point(row, x: $0, y: y, low: low, high: high) } }
    }

    /// A point a row at the place of a column's text among the categories; rows of other categories are left out.
    func points(
        _ rows: [[String]], along column: String, _ categories: [String], y: String, low: String = "ci_low",
        high: String = "ci_high"
    ) -> [Plot.Point] {
        rows.compactMap { row in
            categories.firstIndex(of: text(column, row)).flatMap { point(row, x: Double($0), y: y, low: low, high: high) }
        }
    }

    /// The policies among `wanted` that have rows, in that order.
    func policies(_ wanted: [String], in rows: [[String]]? = nil) -> [String] {
        let present = Set(distinct("policy", in: rows))
        return wanted.filter(present.contains)
    }

    /// A series a policy, a point a category; controls in grey.
    func series(
        _ wanted: [String], in rows: [[String]], along column: String, _ categories: [String], y: String,
        low: String = "ci_low", high: String = "ci_high"
    ) -> [Plot.Series] {
        policies(wanted, in: rows).map { policy in
            Plot.Series(
                policy, isControl: DrawnPolicies.controls.contains(policy),
                points(rows.filter { text("policy", $0) == policy }, along: column, categories, y: y, low: low, high: high))
        }
    }
}
