import TestSupport
import Testing

@testable import Compute

@Suite struct PanelsTests {
    static let sizes = [(1, 1), (3, 15), (5, 16), (7, 17), (16, 31), (17, 32), (33, 33), (15, 48), (2, 65), (18, 402)]

    @Test(arguments: sizes)
    func `a packed matrix can be read back, with zeros behind it, and fills its memory exactly`(_ rows: Int, _ columns: Int) {
        let panels = Panels(rows: rows, columns: columns)
        let matrix = RandomValues.normal(rows * columns, "matrix")
        let transposed = (0..<rows * columns).map { matrix[$0 % rows * columns + $0 / rows] }
        let plainSource = FloatBuffer(matrix), transposedSource = FloatBuffer(transposed)
        let plain = FloatBuffer(count: panels.count, filledWith: .nan)
        let turned = FloatBuffer(count: panels.count, filledWith: .nan)
        for panel in 0..<panels.panelCount {
            panels.pack(panel, into: plain.pointer) { UnsafePointer(plainSource.pointer + $0 * columns) }
            panels.packTransposed(panel, into: turned.pointer, transposedSource.pointer)
        }
        #expect(Difference.first(plain.array, turned.array) == nil)
        var end = 0
        for panel in 0..<panels.panelCount {
            let width = panels.width(panel)
            #expect(panels.offset(panel) == end)
            end += rows * width
            for row in 0..<rows {
                for column in 0..<width {
                    let j = panel * Panels.width + column, value = plain.pointer[panels.offset(panel) + row * width + column]
                    #expect(value == (j < columns ? matrix[row * columns + j] : 0), "row \(row), column \(j)")
                }
            }
        }
        #expect(panels.count == end)
    }
}
