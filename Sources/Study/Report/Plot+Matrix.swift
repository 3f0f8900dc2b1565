extension Plot {
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
