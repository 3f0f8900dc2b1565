/// The kinds over categories: points, bars, lines and levels with intervals, and the matrix.
extension Plot {
    /// The commands of `Kind.intervals`: levels lie under everything, lines over everything.
    var intervalCommands: String {
        let forms: [Form] = [.level, .bars, .points, .line]
        let parts = forms.flatMap { form in series.indices.filter { series[$0].form == form } }.map(command)
        return "set boxwidth \(0.92 * stepBeside)\nplot " + parts.joined(separator: ", \\\n    ")
    }

    /// Room of one series beside the others of its category.
    private var stepBeside: Double { 0.8 / Double(max(series.count(where: \.isBeside), 1)) }

    private func command(_ i: Int) -> String {
        switch series[i].form {
        case .points:
            let mark = series[i].isControl ? "pt \(Self.shapes[controlPosition(i) % Self.shapes.count]) ps 1" : "pt 7 ps 0.9"
            return withInterval(i, "points \(mark)", error: "lc rgb '\(colour(i))'")
        case .bars: return withInterval(i, "boxes fs solid 0.6 noborder", error: "lc rgb '#303030'")
        case .line: return withInterval(i, "linespoints pt 7 ps 0.9 lw 1.8", error: "lc rgb '\(colour(i))'")
        case .level: return level(i)
        }
    }

    /// The value in its own form, and its interval.
    private func withInterval(_ i: Int, _ form: String, error: String) -> String {
        let beside = series.indices.filter { series[$0].isBeside }
        let place = beside.firstIndex(of: i).map { Double($0) - Double(beside.count - 1) / 2 } ?? 0
        let from = "\(source(i)) using ($4+\(place * stepBeside))"
        let title = "title \(gnuplotQuoted(series[i].name))"
        let value = "\(from):5 axes \(axisPair(i)) with \(form) lc rgb '\(colour(i))' \(title)"
        guard series[i].points.contains(where: { $0.low != nil }) else { return value }
        // Not error bars: their mark, even the smallest, blots out what lies under it.
        let ends = "using ($4+\(place * stepBeside)):6:(0):($7-$6)"
        let interval = "\(source(i)) \(ends) axes \(axisPair(i)) with vectors nohead lw 1.4 \(error) notitle"
        // A box would hide its interval.
        return (series[i].form == .bars ? [value, interval] : [interval, value]).joined(separator: ", \\\n    ")
    }

    /// A value across the whole width of every category, over the band of its interval.
    private func level(_ i: Int) -> String {
        let axes = axisPair(i), title = gnuplotQuoted(series[i].name), dashes = series[i].isOnSecondAxis ? " dt 2" : ""
        let line =
            "\(source(i)) using 4:5:(0.48) axes \(axes) with xerrorbars pt 0 lw 2\(dashes) lc rgb '\(colour(i))' title \(title)"
        guard series[i].points.contains(where: { $0.low != nil }) else { return line }
        let box = "fs solid \(series[i].isOnSecondAxis ? 0.2 : 0.35) noborder lc rgb '#c0c0c0'"
        return "\(source(i)) using 4:5:($4-0.48):($4+0.48):6:7 axes \(axes) with boxxyerror \(box) notitle, \\\n    \(line)"
    }

    private func axisPair(_ i: Int) -> String { series[i].isOnSecondAxis ? "x1y2" : "x1y1" }

    /// The commands of `Kind.matrix`: the first series on top; white is nothing, or one half where there is a null.
    func matrixCommands(null: Double?) -> String {
        let last = series.count - 1
        let names = series.enumerated().map { "\(gnuplotQuoted($0.element.name)) \(last - $0.offset)" }.joined(
            separator: ", ")
        let cells = series.indices.map { i in
            "\(source(i)) using 4:(\(last - i)):($4-0.5):($4+0.5):(\(last - i)-0.5):(\(last - i)+0.5):5 with boxxyerror lc palette notitle"
        }
        let numbers = series.indices.map { i in
            let paint = null.map { "($6 <= \($0) && $7 >= \($0) ? 0x8c8c8c : 0x000000)" } ?? "(0x000000)"
            return
                "\(source(i)) using 4:(\(last - i)):(sprintf(\"%.2f\\n%.2f-%.2f\", $5, $6, $7)):\(paint) with labels tc rgb variable font ',9' notitle"
        }
        let setup = [
            "set ytics (\(names))", "set yrange [-0.5:\(Double(last) + 0.5)]", "set border 0", "unset grid", "unset key",
            "set style fill solid 1 noborder", "set xrange [-0.5:\(Double(categories.count) - 0.5)]",
            "set palette defined (\(null == nil ? "0 '#ffffff'" : "0 '#7fb8dc', 0.5 '#ffffff'"), 1 '#f0a860')",
            "set cbrange [0:1]", "set cblabel \(gnuplotQuoted(yLabel))",
            "unset ylabel",
        ]
        return setup.joined(separator: "\n") + "\nplot " + (cells + numbers).joined(separator: ", \\\n    ")
    }
}

/// gnuplot's single quotes, in which only the quote itself is special.
func gnuplotQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}
