import Basics

/// Means of several columns of values under weights of clusters, so that what was measured on the same demonstrations
/// is resampled together whatever rows stand behind it.
struct ClusterMeans: Sendable {
    /// The clusters of all columns, sorted: what is resampled.
    let clusters: [Int]
    private let sums: [[Double]]  // [columns, clusters]
    private let counts: [[Double]]

    /// - Parameter columns: values with the cluster of each.
    init(_ columns: [(values: [Double], cluster: [Int])]) {
        let clusters = Set(columns.flatMap(\.cluster)).sorted()
        let places = Dictionary(uniqueKeysWithValues: clusters.enumerated().map { ($1, $0) })
        var sums: [[Double]] = []
        var counts: [[Double]] = []
        for (values, cluster) in columns {
            precondition(values.count == cluster.count, "\(values.count) values of \(cluster.count) clusters")
            var sum = [Double](repeating: 0, count: clusters.count)
            var count = sum
            for (value, label) in zip(values, cluster) {
                guard let place = places[label] else { continue }
                sum[place] += value
                count[place] += 1
            }
            sums.append(sum)
            counts.append(count)
        }
        self.clusters = clusters
        self.sums = sums
        self.counts = counts
    }

    /// The mean of every column in which cluster i stands `weights[i]` times; NaN where none of its clusters does.
    func means(weights: [Double]) -> [Double] {
        zip(sums, counts).map { sums, counts in
            var sum = 0.0
            var count = 0.0
            for place in weights.indices {
                sum += sums[place] * weights[place]
                count += counts[place] * weights[place]
            }
            return sum / count
        }
    }

    /// A statistic of the means with its interval over whole clusters.
    func estimate(
        _ context: ProbeContext, stream: Seed, _ statistic: @Sendable (_ means: [Double]) -> Double
    ) -> Estimate {
        HierarchicalBootstrap(
            levels: [], rowCount: clusters.count, resamples: context.resamples, seed: stream / "bootstrap",
            pool: context.pool
        ).estimate { statistic(means(weights: $0)) }
    }
}
