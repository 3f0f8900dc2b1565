import Basics
import COpenBLAS
import Compute

/// Rate of single-precision matrix products that stay in cache, the most this machine's arithmetic gives.
enum SgemmPeak {
    /// - Parameter cores: products at once, each on a thread of its own.
    /// - Returns: GFLOP/s of all together, the best of a few tries.
    static func measure(cores: Int) -> Double {
        // The threads are ours.
        openblas_set_num_threads(1)
        let size = 768, products = 4, count = size * size
        let pool = WorkerPool(workers: cores)
        openblas_set_num_threads(1)
        let matrices = (0..<cores).map { _ in
            (FloatBuffer(count: count, filledWith: 0.5), FloatBuffer(count: count, filledWith: 0.25), FloatBuffer(count: count))
        }
        func run() {
            pool.run(lanes: cores) { lane, _ in
                let (a, b, c) = matrices[lane], n = blasint(size)
                for _ in 0..<products {
                    cblas_sgemm(
                        CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.pointer, n, b.pointer, n, 0, c.pointer, n)
                }
            }
        }
        run()
        let flops = Double(2 * size * size * size * products * cores)
        let best = (0..<6).reduce(Double.infinity) { best, _ in min(best, Timing.once(run)) }
        return flops / best / 1e6
    }
}
