import Basics

/// A claim about two METHODS rests on their training seeds, however many starts each trained policy was run on: the
/// difference of their mean outcomes, resampled over seeds and then over starts within a seed.
public enum SeedResampling {
    /// Mean of the first method minus mean of the second with its 95 % percentile interval.
    ///
    /// The two methods are resampled independently: seed 0 of one has nothing in common with seed 0 of the other. That all
    /// policies meet the same starts is not used, which makes the interval wider when starts are hard or easy for both.
    /// A percentile interval over k seeds has only (k - 1) / k of the variance between them: with three to five seeds it is
    /// too narrow by a tenth to a fifth. Fewer than two seeds of a method give no interval.
    /// - Parameters:
    ///   - first, second: outcomes (success as 0 or 1, or progress); numbers of seeds may differ, and a seed with more
    ///     starts counts for more. [seeds][starts] each
    public static func difference(
        _ first: [[Double]], _ second: [[Double]], resamples: Int = 2000, seed: Seed, pool: WorkerPool
    ) -> Estimate {
        let methods = [Method(first, resamples, seed / "first", pool), Method(second, resamples, seed / "second", pool)]
        let value = methods[0].mean - methods[1].mean
        let enough = methods.allSatisfy { $0.design.units > 1 }
        let replicates = pool.map(count: enough ? resamples : 0) {
            methods[0].mean(replicate: $0) - methods[1].mean(replicate: $0)
        }
        return HierarchicalBootstrap.estimate(value, replicates: replicates)
    }

    private struct Method: Sendable {
        let outcomes: [Double]
        let design: HierarchicalBootstrap

        init(_ outcomes: [[Double]], _ resamples: Int, _ seed: Seed, _ pool: WorkerPool) {
            self.outcomes = outcomes.flatMap { $0 }
            let seeds = outcomes.enumerated().flatMap { [Int](repeating: $0, count: $1.count) }
            design = HierarchicalBootstrap(levels: [seeds], resamples: resamples, seed: seed, pool: pool)
        }

        var mean: Double { weightedMean(outcomes, [Double](repeating: 1, count: outcomes.count)) }

        func mean(replicate: Int) -> Double { weightedMean(outcomes, design.weights(replicate: replicate)) }
    }
}
