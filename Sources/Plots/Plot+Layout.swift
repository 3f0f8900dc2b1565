/// Where the parts of a figure lie on paper, in centimetres. Margins, tic labels, axis titles and key have room of their own, so that
/// nothing covers anything else, however long the names are.
struct PlotLayout {
    let size: PaperSize
    let left, right, top, bottom: Double
    /// Whether categories stand one below the other, and whether their names are turned.
    let isHorizontal, isTurned: Bool
    /// Of the key.
    let keyColumns, keyRows: Int
    let title, yLabel: [String]

    private static let line = PaperSize.line, character = PaperSize.character
    /// Turned names, in degrees.
    static let turn = 40.0
    /// The sine of it, and its cosine.
    private static let rise = 0.643, run = 0.766

    init(_ plot: Plot) {
        let names = plot.categories.map(\.label), longest = Double(names.map(\.count).max() ?? 0)
        let beside = max(1, plot.series.count { $0.form == .points })
        let isHorizontal = Self.standsOnSide(plot)
        let marks = names.count * beside
        var width = PaperSize.column
        if plot.isIntervals, !isHorizontal, marks > 18 || names.count > 8 { width = PaperSize.page }
        if plot.isMatrix, names.count > 7 { width = PaperSize.page }
        // Axis title and numbers, or names.
        let rowNames = plot.isMatrix ? plot.series.map(\.label) : isHorizontal ? names : []
        let rowWidth = Double(rowNames.map(\.count).max() ?? 0) * Self.character + 0.35
        if isHorizontal, rowWidth > 4.2 { width = PaperSize.page }
        var plotHeight = width == PaperSize.page ? 5.0 : 4.2
        if isHorizontal { plotHeight = max(2, Double(names.count) * 0.38 * (beside > 1 ? 1.25 : 1)) }
        if plot.isMatrix { plotHeight = Double(plot.series.count) * 0.5 }
        if case .histogram = plot.kind { plotHeight = 3.2 * Double(plot.series.count) }
        yLabel = isHorizontal || plot.isMatrix ? [] : PaperSize.wrapped(plot.yLabel, Int(plotHeight / Self.character))
        var left = rowNames.isEmpty ? 1.1 + Self.line * Double(yLabel.count) : rowWidth
        let right = plot.isMatrix ? 1.6 : 0.3
        // Names along the axis lie flat where they fit.
        let step = names.isEmpty ? 0 : (width - left - right) / Double(names.count)
        isTurned = !names.isEmpty && !isHorizontal && longest * Self.character > step - 0.1
        var tics = 0.5
        if isTurned {
            tics = longest * 0.12 * Self.rise + 0.35
            // A turned name reaches to the left of its place.
            for (place, name) in names.enumerated() {
                left = max(left, Double(name.count) * Self.character * Self.run - (Double(place) + 0.5) * step + 0.1)
            }
        }
        self.isHorizontal = isHorizontal
        self.left = left
        self.right = right
        title = PaperSize.wrapped(plot.title, Int((width - 0.4) / (Self.character * 1.05)))
        let keyed = plot.keyed
        // As wide as gnuplot takes an entry to be, which decides how many it puts side by side.
        let entry = Double(keyed.map(\.count).max() ?? 0) * 0.152 + 0.9
        keyColumns = max(1, min(keyed.count, Int((width - 0.2) / entry)))
        keyRows = keyed.isEmpty ? 0 : (keyed.count + keyColumns - 1) / keyColumns
        top = 0.25 + Self.line * 1.05 * Double(title.count)
        bottom = tics + (plot.axisTitle.isEmpty ? 0 : Self.line + 0.1) + Double(keyRows) * Self.line + (keyRows > 0 ? 0.2 : 0.1)
        size = PaperSize(width: width, height: top + plotHeight + bottom)
    }

    /// The commands that place the plot, its title, the title below it and the key.
    func commands(_ plot: Plot) -> String {
        func x(_ length: Double) -> String { PaperSize.shown(length / size.width) }
        func y(_ length: Double) -> String { PaperSize.shown(length / size.height) }
        var lines = [
            "set lmargin at screen \(x(left))", "set rmargin at screen \(x(size.width - right))", "set bmargin at screen \(y(bottom))",
            "set tmargin at screen \(y(size.height - top))",
            "set label 901 \(gnuplotLines(title)) at screen 0.5, screen \(y(size.height - 0.15 - Self.line / 2)) center font ',\(PaperSize.shown(PaperSize.textPoints + 0.5))'",
        ]
        if !yLabel.isEmpty {
            lines.append(
                "set label 902 \(gnuplotLines(yLabel)) at screen \(x(0.1 + Self.line / 2)), screen \(y(bottom + (size.height - top - bottom) / 2)) center rotate by 90")
        }
        if !plot.axisTitle.isEmpty {
            // Under the middle of the axis, as far as the paper allows.
            let half = Double(plot.axisTitle.count) * Self.character / 2 + 0.1
            let middle = max(half, min(size.width - half, left + (size.width - left - right) / 2))
            lines.append(
                "set label 903 \(gnuplotQuoted(plot.axisTitle)) at screen \(x(middle)), screen \(y(Double(keyRows) * Self.line + (keyRows > 0 ? 0.2 : 0.1) + Self.line / 2)) center")
        }
        if keyRows > 0 {
            lines.append(
                "set key at screen \(x(0.15)), screen \(y(0.08)) left bottom Left reverse vertical maxrows \(keyRows) samplen 1.2 spacing 1.05 width 0 noautotitle")
        } else {
            lines.append("unset key")
        }
        return lines.joined(separator: "\n")
    }
}

extension Plot {
    var isIntervals: Bool { if case .intervals = kind { true } else { false } }
    var isMatrix: Bool { if case .matrix = kind { true } else { false } }

    /// Whether the one series of points has a mark for each category.
    var marksCategories: Bool { isIntervals && series.count { $0.form == .points } == 1 && categories.allSatisfy { $0.mark != nil } }

    /// What the key names: series, and what is compared with. What its place names needs no key.
    var keyed: [String] {
        switch kind {
        case .curves: series.map(\.label) + references.map(\.label)
        case .intervals: series.filter { $0.form == .level || !marksCategories }.map(\.label) + references.map(\.label)
        case .histogram, .matrix: []
        }
    }

    /// Below the plot: what is measured there, which for categories one below the other is what else stands at the side.
    var axisTitle: String { PlotLayout.standsOnSide(self) ? yLabel : xLabel }
}

extension PlotLayout {
    static func standsOnSide(_ plot: Plot) -> Bool {
        plot.isIntervals && plot.categories.count > 10 && plot.series.count { $0.form == .points } <= 2
    }
}
