/// The layout of a matrix B [rows, columns] packed for `PanelProduct`: panels of 32 columns, each [rows, 32] and
/// contiguous, so that a product streams it; a last panel of 16 columns or fewer is 16 wide. Missing columns are 0.
struct Panels: Sendable, Equatable {
    static let width = 32
    let rows, columns: Int

    var panelCount: Int { (columns + Self.width - 1) / Self.width }
    /// Floats of the whole matrix.
    var count: Int { rows * ((columns + 15) / 16 * 16) }

    func offset(_ panel: Int) -> Int { panel * Self.width * rows }
    func width(_ panel: Int) -> Int { columns - panel * Self.width > 16 ? Self.width : 16 }

    /// Copies B into one panel.
    /// - Parameter row: where row r of B begins
    @inline(__always)
    func pack(_ panel: Int, into packed: UnsafeMutablePointer<Float>, row: (_ r: Int) -> UnsafePointer<Float>) {
        let first = panel * Self.width, width = width(panel), valid = min(width, columns - first)
        var target = packed + offset(panel)
        for r in 0..<rows {
            let source = row(r) + first
            for i in 0..<valid { target[i] = source[i] }
            for i in valid..<width { target[i] = 0 }
            target += width
        }
    }

    /// Copies B, given transposed [columns, rows], into one panel: sixteen rows at a time, so that the source is read
    /// in whole cache lines.
    func packTransposed(_ panel: Int, into packed: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>) {
        let first = panel * Self.width, width = width(panel), valid = min(width, columns - first)
        for row in stride(from: 0, to: rows, by: 16) {
            let count = min(16, rows - row), target = packed + offset(panel) + row * width
            for column in 0..<width {
                if column < valid {
                    let source = source + (first + column) * rows + row
                    for r in 0..<count { target[r * width + column] = source[r] }
                } else {
                    for r in 0..<count { target[r * width + column] = 0 }
                }
            }
        }
    }
}
