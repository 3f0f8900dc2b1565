import Basics

/// Percentile bootstrap that resamples every level of a nested design with replacement: for instance training seeds,
/// then demonstrations within a seed, then samples within a demonstration (Saravanan, Berman and Sober 2020).
///
/// A replicate is a weight per row, the number of times the row was drawn, so that a statistic can be one pass over
/// presorted data. Replicate r draws from its own stream: results do not depend on the number of workers.
public struct HierarchicalBootstrap: Sendable {
    private indirect enum Group: Sendable {
        case rows([Int])
        case groups([Group])
    }

    private let root: Group
    /// Number of rows.
    public let count: Int
    /// Groups of the outermost level; rows when there is no level.
    public let units: Int
    private let resamples: Int
    private let seed: Seed
    private let pool: WorkerPool

    /// - Parameter levels: a label per row for each level, outermost first; the rows themselves are the last level.
    public init(levels: [[Int]], rowCount: Int? = nil, resamples: Int, seed: Seed, pool: WorkerPool) {
        let count = rowCount ?? levels.first?.count ?? 0
        precondition(
            levels.allSatisfy { $0.count == count }, "levels of \(levels.map(\.count)) labels for \(count) rows")
        self.count = count
        root = Self.group(Array(0..<count), by: levels[...])
        units = levels.first.map { Set($0).count } ?? count
        self.resamples = resamples
        self.seed = seed
        self.pool = pool
    }

    private static func group(_ rows: [Int], by levels: ArraySlice<[Int]>) -> Group {
        guard let labels = levels.first else { return .rows(rows) }
        let members = Dictionary(grouping: rows) { labels[$0] }
        return .groups(members.keys.sorted().map { group(members[$0] ?? [], by: levels.dropFirst()) })
    }

    private static func draw(_ group: Group, _ source: inout RandomSource, into weights: inout [Double]) {
        switch group {
        case .rows(let rows):
            for _ in rows { weights[rows[source.index(below: rows.count)]] += 1 }
        case .groups(let groups):
            for _ in groups { draw(groups[source.index(below: groups.count)], &source, into: &weights) }
        }
    }

    /// The statistic in every replicate. [resamples, statistics]
    public func replicates(_ statistic: @Sendable (_ weights: [Double]) -> [Double]) -> [[Double]] {
        pool.map(count: resamples) { statistic(weights(replicate: $0)) }
    }

    /// How often each row was drawn in one replicate, for statistics of two designs that are resampled independently.
    func weights(replicate: Int) -> [Double] {
        var source = RandomSource(seed / replicate)
        var weights = [Double](repeating: 0, count: count)
        Self.draw(root, &source, into: &weights)
        return weights
    }

    /// Each statistic at unit weights with its 95 % percentile interval. Replicates that are not finite are left out;
    /// fewer than two units give no interval, because nothing between units was seen.
    public func estimates(_ statistic: @Sendable (_ weights: [Double]) -> [Double]) -> [Estimate] {
        guard count > 0 else { return [] }
        let values = statistic([Double](repeating: 1, count: count))
        let drawn = units > 1 ? replicates(statistic) : []
        return values.indices.map { index in Self.estimate(values[index], replicates: drawn.map { $0[index] }) }
    }

    /// One statistic with its interval.
    public func estimate(_ statistic: @Sendable (_ weights: [Double]) -> Double) -> Estimate {
        estimates { [statistic($0)] }.first ?? Estimate(value: nil)
    }

    /// The 95 % percentile interval of `replicates` around `value`.
    static func estimate(_ value: Double, replicates: [Double]) -> Estimate {
        guard value.isFinite else { return Estimate(value: nil) }
        let finite = SortedSample(replicates.filter(\.isFinite))
        guard finite.sorted.count > 1 else { return Estimate(value: value) }
        return Estimate(value: value, low: finite.quantile(0.025), high: finite.quantile(0.975))
    }
}

/// The mean of `values` in which row i stands `weights[i]` times; NaN when all weights are 0.
func weightedMean(_ values: [Double], _ weights: [Double]) -> Double {
    var sum = 0.0
    var total = 0.0
    for index in values.indices {
        sum += values[index] * weights[index]
        total += weights[index]
    }
    return sum / total
}

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
}

/// Statistics by name, all of them: what a bootstrap estimates together.
///
///     enum Measure { case share, area }
///     let found = bootstrap.estimates { [Measure.share: ..., .area: ...] }
///     found[.share]
struct Named<Name: Hashable & CaseIterable & Sendable, Value: Sendable>: Sendable, ExpressibleByDictionaryLiteral {
    private let values: [Name: Value]

    /// - Precondition: every name once.
    init(dictionaryLiteral elements: (Name, Value)...) { self.init(Dictionary(uniqueKeysWithValues: elements)) }

    init(_ values: [Name: Value]) {
        precondition(values.count == Name.allCases.count, "\(values.keys) of the statistics \(Name.allCases)")
        self.values = values
    }

    fileprivate var inOrder: [Value] { Name.allCases.map { self[$0] } }

    subscript(name: Name) -> Value {
        guard let value = values[name] else { preconditionFailure("no statistic \(name)") }
        return value
    }
}

/// As a list in the order of the names.
extension Named: Codable where Value: Codable {
    init(from decoder: any Decoder) throws {
        let values = try [Value](from: decoder), names = Array(Name.allCases)
        guard values.count == names.count else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(values.count) values for \(names.count) statistics"))
        }
        self.init(Dictionary(uniqueKeysWithValues: zip(names, values)))
    }

    func encode(to encoder: any Encoder) throws { try inOrder.encode(to: encoder) }
}

extension HierarchicalBootstrap {
    /// Each statistic at unit weights with its 95 % percentile interval.
    func estimates<Name>(_ statistics: @Sendable (_ weights: [Double]) -> Named<Name, Double>) -> Named<Name, Estimate> {
        let names = Array(Name.allCases)
        let found = estimates { weights -> [Double] in
            let values = statistics(weights)
            return names.map { values[$0] }
        }
        precondition(found.count == names.count || count == 0, "\(found.count) estimates of \(names.count)")
        return Named(
            Dictionary(uniqueKeysWithValues: names.indices.map { (names[$0], count == 0 ? Estimate(value: nil) : found[$0]) }))
    }
}
