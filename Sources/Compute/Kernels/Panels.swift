/// The layout of a matrix B [rows, columns] packed for `PanelProduct`: panels of 32 columns, each [rows, 32] and
/// contiguous, so that a product streams it; a last panel of 16 columns or fewer is 16 wide. Missing columns are 0.
struct Panels: Sendable, Equatable {
    static let width = 32
    let rows, columns: Int

    var panelCount: Int { (columns + Self.width - 1) / Self.width }
    /// Floats of the whole matrix.
    var count: Int { rows * (columns + 15) / 16 * 16 }

    func offset(_ panel: Int) -> Int { panel * Self.width * rows }
    func width(_ panel: Int) -> Int { columns - panel * Self.width > 16 ? Self.width : 16 }

    /// Copies B into one panel.
    /// - Parameter row: where row r of B begins and the distance between its columns
    func pack(
        _ panel: Int, into packed: UnsafeMutablePointer<Float>, row: (_ r: Int) -> (start: UnsafePointer<Float>, stride: Int)
    ) {
        let first = panel * Self.width, width = width(panel), valid = min(width, columns - first)
        var target = packed + offset(panel)
        for r in 0..<rows {
            let (start, stride) = row(r)
            let source = start + first * stride
            if stride == 1 {
                target.update(from: source, count: valid)
            } else {
                for i in 0..<valid { target[i] = source[i * stride] }
            }
            for i in valid..<width { target[i] = 0 }
            target += width
        }
    }
}
