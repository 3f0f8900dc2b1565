import Foundation

extension Plot {
    /// Okabe and Ito's colours, told apart with any colour vision.
    private static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
    /// Open and filled shapes that are told apart without colour.
    private static let shapes = [4, 8, 10, 12, 6, 2, 1, 3]
    private static let greys = ["#8c8c8c", "#5f5f5f", "#b4b4b4", "#757575"]

    /// A gnuplot script that draws the data file beside it as SVG and PNG: `gnuplot <name>.gp`.
    var script: String {
        """
        # gnuplot \(name).gp draws \(name).svg and \(name).png from \(name).csv
        set datafile separator ','
        set datafile missing 'NA'
        set style fill solid 0.5 noborder
        set border 3
        set tics nomirror out
        set grid ytics lt 1 lw 0.7 lc rgb '#e4e4e4'
        set bars small
        \(isLogarithmicX ? "set logscale x\n" : "")\(isLogarithmicY ? "set logscale y\n" : "")\(yRange.map { "set yrange [\($0.lowerBound):\($0.upperBound)]\n" } ?? "")\
        do for [picture in 'svg png'] {
        if (picture eq 'svg') {
        set terminal svg size \(width),\(height) font 'Helvetica,13' background 'white' noenhanced
        } else {
        set terminal pngcairo size \(width),\(height) font 'Sans,10' background 'white' noenhanced
        }
        set output '\(name).'.picture
        \(body)
        unset output
        }

        """
    }

    private var isPanelled: Bool {
        switch kind {
        case .histogram, .counts: return true
        case .curves, .intervals: return false
        }
    }

    private var width: Int { max(960, 260 + categories.count * (isPanelled ? 26 : 26 + 16 * series.count)) }

    private var height: Int { isPanelled ? 130 + 150 * series.count : 560 }

    private var body: String {
        switch kind {
        case .curves: return axes(key: true) + curveCommands
        case .intervals(let categories): return axes(key: true) + categoryTics(categories) + intervalCommands
        case .histogram(let binWidth): return panels(boxWidth: binWidth * 0.95)
        case .counts: return panels(boxWidth: 0.8)
        }
    }

    private func axes(key: Bool) -> String {
        var lines = ["set title \(quoted(title))", "set xlabel \(quoted(xLabel))", "set ylabel \(quoted(yLabel))"]
        if key { lines.append("set key outside right top Left reverse samplen 2") }
        for (i, reference) in references.enumerated() {
            let y = "first \(reference.value)", paint = "rgb '#555555'"
            lines.append("set arrow \(i + 1) from graph 0, \(y) to graph 1, \(y) nohead dt 2 lc \(paint)")
            lines.append("set label \(i + 1) \(quoted(reference.label)) at graph 0.01, \(y) left offset 0,0.5 tc \(paint)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func categoryTics(_ categories: [String]) -> String {
        let tics = categories.enumerated().map { "\(quoted($0.element)) \($0.offset)" }.joined(separator: ", ")
        let rotation = categories.map(\.count).max() ?? 0 > 12 || categories.count > 9 ? " rotate by 35 right" : ""
        return "set xtics (\(tics))\(rotation)\nset xrange [-0.6:\(Double(categories.count) - 0.4)]\n"
    }

    private func source(_ i: Int) -> String {
        "'\(name).csv' skip 1 every ::\(rowRanges[i].lowerBound)::\(rowRanges[i].upperBound)"
    }

    private func colour(_ i: Int) -> String {
        let position = series[..<i].count { $0.isControl == series[i].isControl }
        let palette = series[i].isControl ? Self.greys : Self.colours
        return palette[position % palette.count]
    }

    /// Place of a series among the controls, which decides its shape, dashes and grey.
    private func controlPosition(_ i: Int) -> Int { series[..<i].count { $0.isControl } }

    private var curveCommands: String {
        var parts: [String] = []
        for i in series.indices where series[i].points.contains(where: { $0.low != nil }) {
            parts.append("\(source(i)) using 4:6:7 with filledcurves fs transparent solid 0.2 noborder lc rgb '\(colour(i))' notitle")
        }
        for i in series.indices {
            let style = series[i].isControl ? "lw 2 dt \(controlPosition(i) % 5 + 1)" : "lw 2.5"
            // A few points would not show as a line.
            let form = series[i].points.count <= 10 ? "linespoints pt 7 ps 0.6" : "lines"
            parts.append("\(source(i)) using 4:5 with \(form) \(style) lc rgb '\(colour(i))' title \(quoted(series[i].name))")
        }
        return "plot " + parts.joined(separator: ", \\\n    ")
    }

    private var intervalCommands: String {
        let beside = series.indices.filter { !series[$0].isLevel }
        let step = 0.8 / Double(max(beside.count, 1))
        // Levels first, so that points lie over them.
        let ordered = series.indices.filter { series[$0].isLevel } + beside
        let parts = ordered.map { i in
            if series[i].isLevel { return levelCommands(i) }
            let shift = (Double(series[..<i].count { !$0.isLevel }) - Double(beside.count - 1) / 2) * step
            let from = "\(source(i)) using ($4+\(shift))"
            let paint = "lc rgb '\(colour(i))'"
            let mark = series[i].isControl ? "pt \(Self.shapes[controlPosition(i) % Self.shapes.count]) ps 1" : "pt 7 ps 0.9"
            let points = "\(from):5 with points \(mark) \(paint) title \(quoted(series[i].name))"
            guard series[i].points.contains(where: { $0.low != nil }) else { return points }
            return "\(from):5:6:7 with yerrorbars pt 0 lw 1.5 \(paint) notitle, \\\n    \(points)"
        }
        return "plot " + parts.joined(separator: ", \\\n    ")
    }

    /// A value across the whole width of every category, over the band of its interval.
    private func levelCommands(_ i: Int) -> String {
        let line = "\(source(i)) using 4:5:(0.48) with xerrorbars pt 0 lw 2 lc rgb '#9a9a9a' title \(quoted(series[i].name))"
        guard series[i].points.contains(where: { $0.low != nil }) else { return line }
        return "\(source(i)) using 4:5:($4-0.48):($4+0.48):6:7 with boxxyerror fs solid 0.35 noborder lc rgb '#c8c8c8' notitle, \\\n    \(line)"
    }

    /// One panel per series over a shared x axis, all with one y axis, so that heights compare.
    private func panels(boxWidth: Double) -> String {
        let points = series.flatMap(\.points)
        let low = (points.map(\.x).min() ?? 0) - boxWidth, high = (points.map(\.x).max() ?? 1) + boxWidth
        let top = max(points.map(\.y).max() ?? 1, .leastNormalMagnitude)
        let bottomMargin = (categories.isEmpty ? 60.0 : 90) / Double(height), topMargin = 1 - 60 / Double(height)
        let margins = "margins 0.09,0.97,\(bottomMargin),\(topMargin) spacing 0,\(30 / Double(height))"
        var lines = [
            "set multiplot layout \(series.count),1 title \(quoted(title)) \(margins)",
            "set boxwidth \(boxWidth)", "unset key", "set xrange [\(low):\(high)]", "set ylabel \(quoted(yLabel))",
            "set ytics \(Self.roundStep(top / 3))",
        ]
        if yRange == nil && !isLogarithmicY { lines.append("set yrange [0:\(top * 1.05)]") }
        for i in series.indices {
            let isLast = i == series.count - 1
            lines.append(isLast ? "set format x '%g'\nset xlabel \(quoted(xLabel))" : "set format x ''\nunset xlabel")
            if !categories.isEmpty { lines.append(panelTics(isLabelled: isLast)) }
            lines.append("set label 99 \(quoted(series[i].name)) at graph 0, 1 left offset 0.3,0.5")
            lines.append("plot \(source(i)) using 4:5 with boxes lc rgb '\(Self.colours[0])'")
        }
        return (lines + ["unset multiplot"]).joined(separator: "\n")
    }

    private func panelTics(isLabelled: Bool) -> String {
        let tics = categories.enumerated().map { "\(quoted(isLabelled ? $0.element : "")) \($0.offset)" }
        return "set xtics (\(tics.joined(separator: ", "))) rotate by 35 right font ',9'"
    }

    /// The next of 1, 2 and 5 times a power of ten.
    private static func roundStep(_ value: Double) -> Double {
        let power = pow(10, floor(log10(value)))
        return (([1, 2, 5].first { $0 * power >= value * 0.999 }) ?? 10) * power
    }

    /// gnuplot's single quotes, in which only the quote itself is special.
    private func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
