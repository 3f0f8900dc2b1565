import Foundation

extension Plot {
    /// A gnuplot script that draws the data file beside it as SVG, PDF and PNG: `gnuplot <name>.gp`.
    public var script: String {
        let layout = PlotLayout(self)
        return """
            # gnuplot \(name).gp draws \(name).svg, \(name).pdf and \(name).png from \(name).csv
            set datafile separator ','
            set datafile missing 'NA'
            set border 3 lw 0.8
            set tics nomirror out scale 0.5
            set grid \(layout.isHorizontal ? "xtics" : "ytics") lt 1 lw 0.5 lc rgb '#e4e4e4'
            set bars small

            """ + layout.size.script(name, body: layout.commands(self) + "\n" + body(layout))
    }

    private func body(_ layout: PlotLayout) -> String {
        switch kind {
        case .curves: axes(layout) + curveCommands(layout)
        case .intervals: axes(layout) + categoryTics(layout) + intervalCommands(layout)
        case .histogram(let binWidth): histogramCommands(boxWidth: binWidth * 0.95)
        case .matrix(_, let null, let showsNumbers): categoryTics(layout) + matrixCommands(null: null, showsNumbers: showsNumbers)
        }
    }

    private func axes(_ layout: PlotLayout) -> String {
        var lines: [String] = []
        if isLogarithmicX { lines.append("set logscale x") }
        if isLogarithmicY { lines.append("set logscale \(layout.isHorizontal ? "x" : "y")") }
        if let yRange { lines.append("set \(layout.isHorizontal ? "x" : "y")range [\(yRange.lowerBound):\(yRange.upperBound)]") }
        if isLogarithmicX, let places = fewPlaces, let first = places.first, let last = places.last {
            let tics = places.map { String(format: "%g", $0) }.joined(separator: ", ")
            lines += ["set xtics (\(tics))", "set xrange [\(first * 0.8):\(last * 1.25)]"]
        }
        if layout.isHorizontal {
            for (i, reference) in references.enumerated() {
                lines.append("set arrow \(i + 1) from \(reference.value), graph 0 to \(reference.value), graph 1 nohead \(Self.referenceStyle)")
            }
        }
        // gnuplot puts as many numbers as fit one below the other, also where they stand side by side.
        let values = layout.isHorizontal ? series.flatMap(\.points).map(\.y) + [yRange?.lowerBound, yRange?.upperBound].compactMap { $0 } : kind == .curves && !isLogarithmicX ? series.flatMap(\.points).map(\.x) : []
        if let low = values.min(), let high = values.max(), high > low, !(layout.isHorizontal && isLogarithmicY) {
            lines.append("set xtics \(Self.roundStep((high - low) / (layout.size.width - layout.left > 8 ? 10 : 5)))")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Of lines that a reader compares with.
    private static let referenceStyle = "dt 2 lw 0.8 lc rgb '#555555'"

    /// The lines that a reader compares with, as parts of a `plot`, so that the key names them.
    func referenceParts(_ layout: PlotLayout) -> [String] {
        references.map { reference in
            "\(layout.isHorizontal ? "NaN" : "\(reference.value)") with lines \(Self.referenceStyle) title \(gnuplotQuoted(reference.label))"
        }
    }

    /// The places that were measured, where they are few: a doubling is rarely a decade.
    private var fewPlaces: [Double]? {
        let places = Set(series.flatMap { $0.points.map(\.x) }).sorted()
        return places.count <= 8 ? places : nil
    }

    func source(_ i: Int) -> String {
        "'\(name).csv' skip 1 every ::\(rowRanges[i].lowerBound)::\(rowRanges[i].upperBound)"
    }

    /// Its own mark, or the next of those that no series before has. Where a series before has the same, as one of several policies
    /// of one role, shape and dashes tell them apart.
    func mark(_ i: Int) -> Mark {
        if let mark = series[i].mark { return mark.variant(series[..<i].count { $0.mark == mark }) }
        let marks = series[i].isControl ? Mark.greys : Mark.palette
        let place = series[..<i].count { $0.mark == nil && $0.isControl == series[i].isControl }
        return marks[place % marks.count]
    }

    private func curveCommands(_ layout: PlotLayout) -> String {
        var parts: [String] = []
        for i in series.indices where !series[i].isControl && series[i].points.contains(where: { $0.low != nil }) {
            let mark = mark(i)
            // A band needs two points.
            let isSingle = series[i].points.count == 1
            parts.append(
                isSingle
                    ? "\(source(i)) using 4:5:6:7 with yerrorbars pt 0 lc rgb '\(mark.colour)' notitle"
                    : "\(source(i)) using 4:6:7 with filledcurves fs transparent solid 0.15 noborder lc rgb '\(mark.colour)' notitle")
        }
        for i in series.indices {
            let mark = mark(i)
            // A few points would not show as a line.
            let form = series[i].points.count <= 10 ? "linespoints pt \(mark.point) ps 0.5" : "lines"
            let width = series[i].isControl ? 1.2 : 1.8
            parts.append(
                "\(source(i)) using 4:5 with \(form) lw \(width) dt \(mark.dash) lc rgb '\(mark.colour)' title \(gnuplotQuoted(series[i].label))")
        }
        return "plot " + (parts + referenceParts(layout)).joined(separator: ", \\\n    ")
    }

    /// One panel per series over a shared x axis, all with one y axis, so that heights compare.
    private func histogramCommands(boxWidth: Double) -> String {
        let points = series.flatMap(\.points), count = Double(series.count)
        let low = (points.map(\.x).min() ?? 0) - boxWidth, high = (points.map(\.x).max() ?? 1) + boxWidth
        let top = max(points.map(\.y).max() ?? 1, .leastNormalMagnitude)
        let layout = PlotLayout(self), gap = 0.3
        let room = (layout.size.height - layout.top - layout.bottom - gap * (count - 1)) / count
        var lines = [
            "set multiplot", "set boxwidth \(boxWidth)", "set style fill solid 0.6 noborder", "set xrange [\(low):\(high)]",
            "set yrange [0:\(top * 1.05)]", "set ytics \(Self.roundStep(top / 3))",
        ]
        for i in series.indices {
            let isLast = i == series.count - 1, upper = layout.size.height - layout.top - Double(i) * (room + gap)
            lines += [
                "set tmargin at screen \(PaperSize.shown(upper / layout.size.height))",
                "set bmargin at screen \(PaperSize.shown((upper - room) / layout.size.height))", "set format x '\(isLast ? "%g" : "")'",
                "set label 99 \(gnuplotQuoted(series[i].label)) at graph 1, graph 1 right offset -0.3,-0.6",
                "plot \(source(i)) using 4:5 with boxes lc rgb '\(mark(0).colour)' notitle",
                // Drawn once.
                "unset label 901", "unset label 902", "unset label 903",
            ]
        }
        return (lines + ["unset multiplot"]).joined(separator: "\n")
    }

    /// The next of 1, 2 and 5 times a power of ten.
    private static func roundStep(_ value: Double) -> Double {
        let power = pow(10, floor(log10(value)))
        return (([1, 2, 5].first { $0 * power >= value * 0.999 }) ?? 10) * power
    }
}
