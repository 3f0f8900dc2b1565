import Basics
import COpenBLAS

/// Single-precision matrix products through OpenBLAS, row-major. One BLAS thread per call: the parallelism
/// is over lanes of the batch, see `WorkerPool`.
public enum Matrix {
    /// OpenBLAS fixed to one thread, at the first product.
    private static let isSingleThreaded: Bool = {
        openblas_set_num_threads(1)
        return true
    }()

    /// C [m, n] = A [m, k] · B [k, n] + beta · C, with B given transposed where stated.
    @inline(__always)
    static func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposeB: Bool = false,
        into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int,
        beta: Float = 0
    ) {
        precondition(isSingleThreaded)
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasint(m), blasint(n), blasint(k), 1, a, blasint(k), b, blasint(transposeB ? k : n),
            beta, c, blasint(n))
    }
}
