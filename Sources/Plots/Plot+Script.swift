import Foundation

extension Plot {
    /// Okabe and Ito's colours, told apart with any colour vision.
    private static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
    /// Open and filled shapes that are told apart without colour.
    static let shapes = [4, 8, 10, 12, 6, 2, 1, 3]
    static let greys = ["#8c8c8c", "#5f5f5f", "#b4b4b4", "#757575"]

    /// A gnuplot script that draws the data file beside it as SVG and PNG: `gnuplot <name>.gp`.
    public var script: String {
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
        case .curves, .intervals, .matrix: return false
        }
    }

    private var width: Int {
        switch kind {
        case .curves, .histogram: return 960
        case .intervals: return max(960, 300 + categories.count * max(44, 22 + 12 * series.count(where: \.isBeside)))
        case .counts: return max(960, 260 + 26 * categories.count)
        case .matrix: return 320 + 80 * categories.count
        }
    }

    private var height: Int {
        switch kind {
        case .curves, .intervals: return 560
        case .histogram, .counts: return 130 + 150 * series.count
        case .matrix: return 220 + 44 * series.count
        }
    }

    private var body: String {
        switch kind {
        case .curves: return axes(key: true) + curveCommands
        case .intervals(let categories): return axes(key: true) + categoryTics(categories) + intervalCommands
        case .histogram(let binWidth): return panels(boxWidth: binWidth * 0.95)
        case .counts: return panels(boxWidth: 0.8)
        case .matrix(let categories, let null): return axes(key: false) + categoryTics(categories) + matrixCommands(null: null)
        }
    }

    func axes(key: Bool) -> String {
        var lines = ["set title \(gnuplotQuoted(title))", "set xlabel \(gnuplotQuoted(xLabel))", "set ylabel \(gnuplotQuoted(yLabel))"]
        if let y2Label {
            lines += ["set y2label \(gnuplotQuoted(y2Label))", "set y2tics nomirror", "set border 11"]
        }
        if isLogarithmicX, let places = fewPlaces, let first = places.first, let last = places.last {
            let tics = places.map { String(format: "%g", $0) }.joined(separator: ", ")
            lines += ["set xtics (\(tics))", "set xrange [\(first * 0.8):\(last * 1.25)]"]
        }
        if key { lines.append("set key outside right top Left reverse samplen 2") }
        for (i, reference) in references.enumerated() {
            let y = "first \(reference.value)", paint = "rgb '#555555'"
            lines.append("set arrow \(i + 1) from graph 0, \(y) to graph 1, \(y) nohead dt 2 lc \(paint)")
            lines.append("set label \(i + 1) \(gnuplotQuoted(reference.label)) at graph 0.01, \(y) left offset 0,0.5 tc \(paint)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The places that were measured, where they are few: a doubling is rarely a decade.
    private var fewPlaces: [Double]? {
        let places = Set(series.flatMap { $0.points.map(\.x) }).sorted()
        return places.count <= 8 ? places : nil
    }

    func categoryTics(_ categories: [String]) -> String {
        let tics = categories.enumerated().map { "\(gnuplotQuoted($0.element)) \($0.offset)" }.joined(separator: ", ")
        let rotation = categories.map(\.count).max() ?? 0 > 12 || categories.count > 9 ? " rotate by 35 right" : ""
        // Long turned names would leave the picture.
        let margin = categories.first.map { !rotation.isEmpty && $0.count > 14 } ?? false ? "set lmargin 18\n" : ""
        return "\(margin)set xtics (\(tics))\(rotation)\nset xrange [-0.6:\(Double(categories.count) - 0.4)]\n"
    }

    func source(_ i: Int) -> String {
        "'\(name).csv' skip 1 every ::\(rowRanges[i].lowerBound)::\(rowRanges[i].upperBound)"
    }

    func colour(_ i: Int) -> String {
        let position = series[..<i].count { $0.isControl == series[i].isControl }
        let palette = series[i].isControl ? Self.greys : Self.colours
        return palette[position % palette.count]
    }

    /// Place of a series among the controls, which decides its shape, dashes and grey.
    func controlPosition(_ i: Int) -> Int { series[..<i].count { $0.isControl } }

    private var curveCommands: String {
        var parts: [String] = []
        for i in series.indices where series[i].points.contains(where: { $0.low != nil }) {
            // A band needs two points.
            let isSingle = series[i].points.count == 1
            if isSingle { parts.append("\(source(i)) using 4:5:6:7 with yerrorbars pt 0 lc rgb '\(colour(i))' notitle") }
            guard !isSingle else { continue }
            parts.append("\(source(i)) using 4:6:7 with filledcurves fs transparent solid 0.2 noborder lc rgb '\(colour(i))' notitle")
        }
        for i in series.indices {
            let style = series[i].isControl ? "lw 2 dt \(controlPosition(i) % 5 + 1)" : "lw 2.5"
            // A few points would not show as a line.
            let form = series[i].points.count <= 10 ? "linespoints pt 7 ps 0.6" : "lines"
            parts.append("\(source(i)) using 4:5 with \(form) \(style) lc rgb '\(colour(i))' title \(gnuplotQuoted(series[i].name))")
        }
        return "plot " + parts.joined(separator: ", \\\n    ")
    }

    /// One panel per series over a shared x axis, all with one y axis, so that heights compare.
    private func panels(boxWidth: Double) -> String {
        let points = series.flatMap(\.points)
        let low = (points.map(\.x).min() ?? 0) - boxWidth, high = (points.map(\.x).max() ?? 1) + boxWidth
        let top = max(points.map(\.y).max() ?? 1, .leastNormalMagnitude)
        let bottomMargin = (categories.isEmpty ? 60.0 : 90) / Double(height), topMargin = 1 - 60 / Double(height)
        let margins = "margins 0.09,0.97,\(bottomMargin),\(topMargin) spacing 0,\(30 / Double(height))"
        var lines = [
            "set multiplot layout \(series.count),1 title \(gnuplotQuoted(title)) \(margins)",
            "set boxwidth \(boxWidth)", "unset key", "set xrange [\(low):\(high)]", "set ylabel \(gnuplotQuoted(yLabel))",
            "set ytics \(Self.roundStep(top / 3))",
        ]
        if yRange == nil && !isLogarithmicY { lines.append("set yrange [0:\(top * 1.05)]") }
        for i in series.indices {
            let isLast = i == series.count - 1
            lines.append(isLast ? "set format x '%g'\nset xlabel \(gnuplotQuoted(xLabel))" : "set format x ''\nunset xlabel")
            if !categories.isEmpty { lines.append(panelTics(isLabelled: isLast)) }
            lines.append("set label 99 \(gnuplotQuoted(series[i].name)) at graph 0, 1 left offset 0.3,0.5")
            lines.append("plot \(source(i)) using 4:5 with boxes lc rgb '\(Self.colours[0])'")
        }
        return (lines + ["unset multiplot"]).joined(separator: "\n")
    }

    private func panelTics(isLabelled: Bool) -> String {
        let tics = categories.enumerated().map { "\(gnuplotQuoted(isLabelled ? $0.element : "")) \($0.offset)" }
        return "set xtics (\(tics.joined(separator: ", "))) rotate by 35 right font ',9'"
    }

    /// The next of 1, 2 and 5 times a power of ten.
    private static func roundStep(_ value: Double) -> Double {
        let power = pow(10, floor(log10(value)))
        return (([1, 2, 5].first { $0 * power >= value * 0.999 }) ?? 10) * power
    }
}
