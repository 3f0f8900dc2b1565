import Basics

extension Plot {
    /// The plot's data, series after series: series, role (measured or control), category, x, y, low, high.
    public var table: Table {
        var table = Table(columns: ["series", "role", "category", "x", "y", "low", "high"])
        for series in series {
            for point in series.points {
                let category = categories.indices.contains(Int(point.x)) ? Table.Cell.text(categories[Int(point.x)]) : .missing
                table.append([
                    .text(series.name), .text(series.isControl ? "control" : "measured"), category, .number(point.x),
                    .number(point.y), Table.Cell(point.low), Table.Cell(point.high),
                ])
            }
        }
        return table
    }

    /// First and last data row of each series, counted from 0 below the header.
    var rowRanges: [ClosedRange<Int>] {
        var start = 0
        return series.map { series in
            defer { start += series.points.count }
            return start...(start + series.points.count - 1)
        }
    }
}
