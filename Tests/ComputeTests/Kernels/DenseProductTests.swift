import TestSupport
import Testing

@testable import Compute

@Suite struct DenseProductTests {
    /// Each entry is one chain of fused multiply-adds in the order of the terms, then added to what is there: what
    /// OpenBLAS computes for NT-Xent's 64 rows of 128.
    @Test(arguments: [(64, 128, 64), (64, 64, 128), (4, 5, 3), (10, 33, 10), (7, 16, 47), (1, 1, 1)])
    func `an entry is the sum of its products in order, to the bit`(_ rows: Int, _ inner: Int, _ columns: Int) {
        let a = RandomValues.normal(rows * inner, "a"), b = RandomValues.normal(inner * columns, "b")
        let start = RandomValues.normal(rows * columns, "start")
        let product = DenseProduct(rows: rows, inner: inner, columns: columns)
        let turned = (0..<columns * inner).map { b[$0 % inner * columns + $0 / inner] }
        let expected = (0..<rows * columns).map { entry in
            (0..<inner).reduce(Float(0)) { $0.addingProduct(a[entry / columns * inner + $1], b[$1 * columns + entry % columns]) }
        }
        let left = FloatBuffer(a), right = FloatBuffer(b), rightTurned = FloatBuffer(turned)
        let packed = FloatBuffer(count: product.panels.count, filledWith: .nan)
        let written = FloatBuffer(count: rows * columns, filledWith: .nan), added = FloatBuffer(start)
        product.pack(right.pointer, into: packed.pointer)
        product.run(left.pointer, packed.pointer, into: written.pointer)
        #expect(Difference.absolute(written.array, expected) == 0)
        packed.fill(.nan)
        product.packTransposed(rightTurned.pointer, into: packed.pointer)
        product.run(left.pointer, packed.pointer, into: added.pointer, adding: true)
        #expect(Difference.absolute(added.array, zip(expected, start).map { $0 + $1 }) == 0)
    }
}
