/// The kinds over categories: points and levels with intervals, and the matrix.
extension Plot {
    /// Names along the axis on which the categories stand.
    func categoryTics(_ layout: PlotLayout) -> String {
        let last = Double(categories.count) - 0.4
        let tics = categories.enumerated().map { "\(gnuplotQuoted($0.element.label)) \($0.offset)" }.joined(separator: ", ")
        if layout.isHorizontal { return "set ytics (\(tics)) scale 0\nset yrange [\(last):-0.6]\n" }
        let turn = layout.isTurned ? " rotate by \(Int(PlotLayout.turn)) right" : ""
        return "set xtics (\(tics))\(turn)\nset xrange [-0.6:\(last)]\n"
    }

    /// The commands of `Kind.intervals`: levels lie under everything.
    func intervalCommands(_ layout: PlotLayout) -> String {
        let levels = series.indices.filter { series[$0].form == .level }, points = series.indices.filter { series[$0].form == .points }
        let parts =
            levels.map { level($0, layout) } + referenceParts(layout) + points.enumerated().map { place, i in
                self.points(i, offset: (Double(place) - Double(points.count - 1) / 2) * 0.8 / Double(points.count), layout)
            }
        return "plot " + parts.joined(separator: ", \\\n    ")
    }

    /// The value as a mark over its interval; what lies outside the axis as a triangle at its end.
    private func points(_ i: Int, offset: Double, _ layout: PlotLayout) -> String {
        guard marksCategories else { return points(source(i), series[i].points, mark(i), title: series[i].label, offset: offset, layout) }
        return series[i].points.enumerated().map { row, point in
            let place = rowRanges[i].lowerBound + row
            return points(
                "'\(name).csv' skip 1 every ::\(place)::\(place)", [point], categories[Int(point.x)].mark ?? mark(i), title: nil, offset: offset,
                layout)
        }.joined(separator: ", \\\n    ")
    }

    /// - Parameter title: nil for none in the key.
    private func points(
        _ source: String, _ points: [Point], _ mark: Mark, title: String?, offset: Double, _ layout: PlotLayout
    ) -> String {
        let place = "($4+\(PaperSize.shown(offset)))", isOn = layout.isHorizontal, paint = "lc rgb '\(mark.colour)'"
        func at(_ value: String) -> String { isOn ? "\(value):\(place)" : "\(place):\(value)" }
        var parts: [String] = []
        if points.contains(where: { $0.low != nil }) {
            // Not error bars: their mark, even the smallest, blots out what lies under it.
            let way = isOn ? "($7-$6):(0)" : "(0):($7-$6)"
            parts.append("\(source) using \(at("6")):\(way) with vectors nohead lw 1.2 \(paint) notitle")
        }
        let key = title.map { "title \(gnuplotQuoted($0))" } ?? "notitle"
        parts.append("\(source) using \(at("5")) with points pt \(mark.point) ps 0.6 lw 0.8 \(paint) \(key)")
        if let yRange {
            let inset = (yRange.upperBound - yRange.lowerBound) * 0.02
            let ends = [("<", yRange.lowerBound, yRange.lowerBound + inset, 11), (">", yRange.upperBound, yRange.upperBound - inset, 9)]
            for (sign, bound, shown, shape) in ends where points.contains(where: { sign == "<" ? $0.y < bound : $0.y > bound }) {
                parts.append("\(source) using \(at("($5 \(sign) \(bound) ? \(shown) : NaN)")) with points pt \(shape) ps 0.8 \(paint) notitle")
            }
        }
        return parts.joined(separator: ", \\\n    ")
    }

    /// A value across the whole width of every category, over the band of its interval.
    private func level(_ i: Int, _ layout: PlotLayout) -> String {
        let mark = mark(i), isOn = layout.isHorizontal, title = gnuplotQuoted(series[i].label)
        let line =
            "\(source(i)) using \(isOn ? "5:4" : "4:5"):(0.48) with \(isOn ? "y" : "x")errorbars pt 0 lw 1.6 dt \(mark.dash) lc rgb '\(mark.colour)' title \(title)"
        guard series[i].points.contains(where: { $0.low != nil }) else { return line }
        let box = isOn ? "5:4:6:7:($4-0.48):($4+0.48)" : "4:5:($4-0.48):($4+0.48):6:7"
        return "\(source(i)) using \(box) with boxxyerror fs solid 0.3 noborder lc rgb '#c0c0c0' notitle, \\\n    \(line)"
    }

    /// The commands of `Kind.matrix`: the first series on top; white is nothing, or one half where there is a null.
    func matrixCommands(null: Double?, showsNumbers: Bool) -> String {
        let last = series.count - 1
        let names = series.enumerated().map { "\(gnuplotQuoted($0.element.label)) \(last - $0.offset)" }.joined(separator: ", ")
        var parts = series.indices.map { i in
            "\(source(i)) using 4:(\(last - i)):($4-0.5):($4+0.5):(\(last - i)-0.5):(\(last - i)+0.5):5 with boxxyerror lc palette notitle"
        }
        if showsNumbers {
            parts += series.indices.map { i in
                let paint = null.map { "($6 <= \($0) && $7 >= \($0) ? 0x8c8c8c : 0x000000)" } ?? "(0x000000)"
                return "\(source(i)) using 4:(\(last - i)):(sprintf('%.2f', $5)):\(paint) with labels tc rgb variable font ',6' notitle"
            }
        }
        let setup = [
            "set ytics (\(names)) scale 0", "set yrange [-0.5:\(Double(last) + 0.5)]", "set border 0", "unset grid",
            "set style fill solid 1 noborder", "set xrange [-0.5:\(Double(categories.count) - 0.5)]",
            "set palette defined (\(null == nil ? "0 '#ffffff'" : "0 '#7fb8dc', 0.5 '#ffffff'"), 1 '#f0a860')", "set cbrange [0:1]",
            "set cblabel \(gnuplotQuoted(yLabel))", "set colorbox user origin graph 1.02, graph 0.1 size 0.012, graph 0.8",
        ]
        return setup.joined(separator: "\n") + "\nplot " + parts.joined(separator: ", \\\n    ")
    }
}

/// gnuplot's single quotes, in which only the quote itself is special.
func gnuplotQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}
