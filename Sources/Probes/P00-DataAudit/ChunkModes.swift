import Basics

/// Multimodality of demonstrated actions: the chunks that follow the 10 most similar observations, one from each of 10
/// other demonstrations (fewer where there are fewer).
///
/// Spread is the RMS distance between two of those chunks. `two_modes` is the share of their variance that the best
/// split in two explains (2-means from the farthest pair); a single Gaussian cloud in few dimensions gives a large
/// share too, so `unimodal` is the same for Gaussian draws with exactly the sample covariance of these chunks.
struct ChunkModes: Sendable {
    /// Observation neighbours per frame.
    static let neighbours = 10
    /// At most this many training frames, evenly spaced, are looked at.
    static let anchors = 512

    let rows: [ModesRow]

    /// Nil without features of the training observations, or with fewer than 5 other demonstrations: too few chunks for
    /// two groups.
    init?(_ context: ProbeContext) {
        guard let space = context.space, context.train.demonstrations.count > 5 else { return nil }
        let count = context.train.count
        let anchors = (0..<min(count, Self.anchors)).map { $0 * count / min(count, Self.anchors) }
        let table = space.table
        rows = context.pool.map(count: anchors.count) { index in
            let anchor = anchors[index]
            let near = Self.neighbours(of: anchor, in: table, context.train.demonstration)
            let cloud = PointCloud(near.map { context.scaledTrain.vectors.row($0) })
            var source = RandomSource(context.seed / "p00" / "unimodal" / anchor)
            let spread = cloud.spread
            return ModesRow(
                demonstration: context.train.named(anchor), frame: context.train.frame[anchor], spread: spread,
                spreadOverD12: spread / context.medianD12, twoModes: cloud.shareOfTwoMeans,
                unimodal: cloud.gaussian(&source).shareOfTwoMeans)
        }
    }

    /// The nearest observation of each other demonstration, nearest demonstrations first.
    private static func neighbours(of anchor: Int, in table: RowVectors, _ demonstration: [Int]) -> [Int] {
        let squared = table.squaredDistances(to: anchor, of: table)
        var best: [Int: Int] = [:]
        for row in squared.indices where demonstration[row] != demonstration[anchor] {
            if let known = best[demonstration[row]], squared[known] <= squared[row] { continue }
            best[demonstration[row]] = row
        }
        return Array(best.values.sorted { (squared[$0], $0) < (squared[$1], $1) }.prefix(neighbours))
    }

    private enum Share: CaseIterable { case twoModes, aboveUnimodal }

    /// Mean share of two modes beside the unimodal control.
    func summary(_ context: ProbeContext) -> SummaryRow {
        let found = rows.map(\.twoModes)
        let unimodal = rows.map(\.unimodal)
        let bootstrap = context.bootstrap(
            clusters: rows.compactMap(\.demonstration.position), stream: context.seed / "p00" / "modes")
        let estimates = bootstrap.estimates { weights in
            let mean = weightedMean(found, weights)
            return [Share.twoModes: mean, .aboveUnimodal: mean - weightedMean(unimodal, weights)]
        }
        let control = weightedMean(unimodal, [Double](repeating: 1, count: rows.count))
        return Endpoint.twoModesShare.row(
            DataAudit.rowName, .train, estimates[.twoModes], Estimate(value: control), n: bootstrap.units,
            estimates[.aboveUnimodal].lies(above: 0) ? .multimodal : .notMultimodal)
    }
}

/// A row of `p00_modes`: one training frame.
struct ModesRow: ProbeTable {
    static let name = "p00_modes"
    var demonstration = NamedDemonstration()
    var frame = 0
    var spread = 0.0, spreadOverD12 = 0.0, twoModes = 0.0, unimodal = 0.0

    static var columns: [Column<ModesRow>] {
        [
            .demonstration(\.demonstration), Column("frame", \.frame), Column("spread", \.spread),
            Column("spread_over_d12", \.spreadOverD12), Column("two_modes", \.twoModes), Column("unimodal", \.unimodal),
        ]
    }
}

/// A few points, and how much of their variance two groups explain.
struct PointCloud: Sendable {
    let points: [[Double]]  // [n, width]

    init(_ points: [[Double]]) {
        precondition(points.count > 1, "\(points.count) points")
        self.points = points
    }

    private static func squaredDistance(_ first: [Double], _ second: [Double]) -> Double {
        var sum = 0.0
        for column in first.indices { sum += (first[column] - second[column]) * (first[column] - second[column]) }
        return sum
    }

    private static func mean(_ points: [[Double]]) -> [Double] {
        points[0].indices.map { column in points.map { $0[column] }.reduce(0, +) / Double(points.count) }
    }

    private static func variation(_ points: [[Double]], around centre: [Double]) -> Double {
        points.map { squaredDistance($0, centre) }.reduce(0, +)
    }

    /// Root mean square, over pairs and entries, of the difference of two points.
    var spread: Double {
        let total = Self.variation(points, around: Self.mean(points))
        // Σ over pairs of ‖x - y‖² is n Σ ‖x - mean‖², over n (n - 1) / 2 pairs.
        return (2 * total / Double((points.count - 1) * points[0].count)).squareRoot()
    }

    /// Share of the variance that 2-means explains, started from the farthest pair; 0 when all points are equal.
    var shareOfTwoMeans: Double {
        let total = Self.variation(points, around: Self.mean(points))
        guard total > 0 else { return 0 }
        var centres = farthestPair
        var groups: [[[Double]]] = []
        for _ in 0..<points.count {
            groups = [[], []]
            for point in points {
                let second = Self.squaredDistance(point, centres[1]) < Self.squaredDistance(point, centres[0])
                groups[second ? 1 : 0].append(point)
            }
            guard groups.allSatisfy({ !$0.isEmpty }) else { return 0 }
            let moved = groups.map(Self.mean)
            if moved == centres { break }
            centres = moved
        }
        let within = zip(groups, centres).map { Self.variation($0, around: $1) }.reduce(0, +)
        return 1 - within / total
    }

    private var farthestPair: [[Double]] {
        var best = (0, 1)
        var longest = -1.0
        for first in points.indices {
            for second in points.indices where second > first {
                let distance = Self.squaredDistance(points[first], points[second])
                if distance > longest { (best, longest) = ((first, second), distance) }
            }
        }
        return [points[best.0], points[best.1]]
    }

    /// As many draws from the Gaussian with the mean and sample covariance of these points: each is the mean plus
    /// Σ g_i (x_i - mean) / √(n - 1) with standard normal g.
    func gaussian(_ source: inout RandomSource) -> PointCloud {
        let mean = Self.mean(points)
        let scale = 1 / Double(points.count - 1).squareRoot()
        return PointCloud(
            points.map { _ in
                var draw = mean
                for point in points {
                    let weight = source.normal() * scale
                    for column in draw.indices { draw[column] += weight * (point[column] - mean[column]) }
                }
                return draw
            })
    }
}
