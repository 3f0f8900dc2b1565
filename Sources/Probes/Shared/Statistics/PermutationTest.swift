import Basics

/// A one-sided permutation test by random draws, with the observed arrangement counted among them so that p is never 0
/// (Phipson and Smyth 2010).
public enum PermutationTest {
    /// (k + 1) / (draws + 1) with k the draws whose statistic is at most `observed`: small when `observed` is unusually
    /// small. Negate both for the other side. A draw that is not finite counts as being at most `observed`.
    ///
    /// Draws that differ from `observed` by rounding alone count as equal (relative tolerance 1e-13, near scipy's).
    /// Draw r has its own stream, so p does not depend on the number of workers.
    public static func pValue(
        observed: Double, draws: Int, seed: Seed, pool: WorkerPool,
        _ statistic: @Sendable (inout RandomSource) -> Double
    ) -> Double {
        precondition(draws > 0 && !observed.isNaN, "\(draws) draws against \(observed)")
        let bound = observed + abs(observed) * 1e-13
        let reached = pool.map(count: draws) { draw in
            var source = RandomSource(seed / draw)
            return !(statistic(&source) > bound)
        }
        return Double(reached.count { $0 } + 1) / Double(draws + 1)
    }
}
