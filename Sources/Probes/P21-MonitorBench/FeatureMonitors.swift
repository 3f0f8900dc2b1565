import Basics

/// The monitors that need only the training windows' points of one `ObservationSpace`.
public struct FeatureMonitors: Sendable {
    /// In the order of the tables.
    enum Kind: CaseIterable, Sendable {
        /// Distance to the 5th nearest training window.
        case neighbour
        /// Distance to the nearest centre along the principal components.
        case cluster
        /// Distance to the nearest training window; in pixels alone.
        case nearest
        case mahalanobis
    }

    private let space: Space
    private let table: RowVectors
    private let mahalanobis: MahalanobisDistance?
    private let principal: PrincipalComponents
    private let centres: ClusterCentres
    private let pool: WorkerPool

    /// k of the k-th nearest training window.
    private static let neighbour = 5

    init(_ space: ObservationSpace, seed: Seed, pool: WorkerPool) {
        let table = space.table
        let principal = PrincipalComponents(table)
        self.space = space.space
        self.table = table
        mahalanobis = MahalanobisDistance(table)
        self.principal = principal
        centres = ClusterCentres((0..<table.count).map { principal.coordinates(table.row($0)) }, seed: seed / "centres")
        self.pool = pool
    }

    /// - Parameter probes: the seed of all probes.
    public init(_ space: ObservationSpace, probes: Seed, pool: WorkerPool) {
        self.init(space, seed: probes / "p21" / space.name, pool: pool)
    }

    /// Those there are in this space.
    private var kinds: [Kind] {
        Kind.allCases.filter { kind in
            switch kind {
            case .neighbour, .cluster: true
            case .nearest: space == .pixels
            case .mahalanobis: mahalanobis != nil
            }
        }
    }

    static let neighbourName = "knn", clusterName = "pca_kmeans", mahalanobisName = "mahalanobis"

    func name(_ kind: Kind) -> String { Self.name(kind, in: space) }

    private static func name(_ kind: Kind, in space: Space) -> String {
        let suffix = String(space.name.map { $0 == " " ? "_" : $0 })
        return switch kind {
        case .neighbour: "\(neighbourName)_\(suffix)"
        case .cluster: "\(clusterName)_\(suffix)"
        case .nearest: MonitorPanel.pixelDistance
        case .mahalanobis: "\(mahalanobisName)_\(suffix)"
        }
    }

    /// Whether the lookup table is compared with it. The table's own encoding is no rival: a k-th neighbour there is the
    /// table itself.
    func isRival(_ kind: Kind) -> Bool { Self.isRival(kind, in: space) }

    private static func isRival(_ kind: Kind, in space: Space) -> Bool { kind != .cluster && space != .tableEncoder }

    /// The names of those of a space that the lookup table is compared with.
    static func rivals(in space: Space) -> [String] {
        Kind.allCases.filter { isRival($0, in: space) }.map { name($0, in: space) }
    }

    /// The scores of points [n, F], by the monitors' names.
    public func scores(_ points: [Float]) -> [(monitor: String, score: [Double])] {
        scores(RowVectors(values: points, width: table.width)).map { (name($0.kind), $0.values) }
    }

    /// The scores of points, by monitor.
    func scores(_ points: RowVectors) -> [(kind: Kind, values: [Double])] {
        let rows = pool.map(count: points.count) { row -> Named<Kind, Double> in
            let squared = table.squaredDistances(to: row, of: points).sorted()
            let point = points.row(row)
            return [
                .neighbour: Double(squared[min(Self.neighbour, squared.count) - 1]).squareRoot(),
                .cluster: centres.distance(principal.coordinates(point)), .nearest: Double(squared[0]).squareRoot(),
                .mahalanobis: mahalanobis?.distance(point) ?? .nan,
            ]
        }
        return kinds.map { kind in (kind, rows.map { $0[kind] }) }
    }
}

/// Distance from the mean of points in units of their covariance (Mahalanobis 1936; as a monitor Lee et al. 2018).
///
/// The covariance is shrunk: 0.9 Σ + 0.1 tr(Σ)/F I. The amount is fixed, not estimated, because windows of one
/// demonstration are not independent and an estimate would take them for more than they are.
struct MahalanobisDistance: Sendable {
    /// Wider spaces have more covariances than there are windows to see them (512² / 2 = 131,000).
    static let widest = 512
    private static let shrinkage = 0.1

    private let mean: [Double]  // [F]
    /// Lower Cholesky factor of the shrunk covariance.
    private let factor: [[Double]]  // [F], row i holds i + 1 values

    /// Nil for points wider than `widest` and for points that are all equal.
    init?(_ points: RowVectors) {
        let width = points.width
        guard width <= Self.widest, points.count > 0 else { return nil }
        var mean = [Double](repeating: 0, count: width)
        for index in 0..<points.count {
            let row = points.row(index)
            for column in 0..<width { mean[column] += row[column] / Double(points.count) }
        }
        var covariance = (0..<width).map { [Double](repeating: 0, count: $0 + 1) }
        for index in 0..<points.count {
            let row = points.row(index)
            let centred = (0..<width).map { row[$0] - mean[$0] }
            for i in 0..<width { for j in 0...i { covariance[i][j] += centred[i] * centred[j] / Double(points.count) } }
        }
        let average = (0..<width).reduce(0.0) { $0 + covariance[$1][$1] } / Double(width)
        guard average > 0 else { return nil }
        for i in 0..<width {
            for j in 0...i { covariance[i][j] *= 1 - Self.shrinkage }
            covariance[i][i] += Self.shrinkage * average
        }
        for i in 0..<width {
            for j in 0...i {
                var sum = covariance[i][j]
                for k in 0..<j { sum -= covariance[i][k] * covariance[j][k] }
                covariance[i][j] = i == j ? sum.squareRoot() : sum / covariance[j][j]
            }
        }
        self.mean = mean
        factor = covariance
    }

    func distance(_ point: [Double]) -> Double {
        var solved = [Double](repeating: 0, count: mean.count)
        var squared = 0.0
        for i in mean.indices {
            var sum = point[i] - mean[i]
            for k in 0..<i { sum -= factor[i][k] * solved[k] }
            solved[i] = sum / factor[i][i]
            squared += solved[i] * solved[i]
        }
        return squared.squareRoot()
    }
}

/// k-means (Lloyd 1982) from k-means++ starts (Arthur and Vassilvitskii 2007); the best of several starts, each from
/// its own stream.
struct ClusterCentres: Sendable {
    let centres: [[Double]]  // [k, F], fewer where there are fewer distinct points
    /// Sum of squared distances to the nearest centre.
    let inertia: Double

    init(_ points: [[Double]], count: Int = 8, starts: Int = 5, seed: Seed) {
        precondition(!points.isEmpty && count > 0 && starts > 0, "\(count) centres of \(points.count) points")
        let runs = (0..<starts).map { Self.run(points, count, RandomSource(seed / $0)) }
        let best = runs.indices.min { runs[$0].inertia < runs[$1].inertia } ?? 0
        (centres, inertia) = runs[best]
    }

    func distance(_ point: [Double]) -> Double { Self.nearest(point, centres).squared.squareRoot() }

    private static func run(
        _ points: [[Double]], _ count: Int, _ start: RandomSource
    ) -> (centres: [[Double]], inertia: Double) {
        var source = start
        var centres = [points[source.index(below: points.count)]]
        while centres.count < count {
            let squared = points.map { nearest($0, centres).squared }
            var left = source.uniform() * squared.reduce(0, +)
            guard left > 0 else { break }
            let chosen = squared.firstIndex { distance in
                left -= distance
                return left < 0
            }
            centres.append(points[chosen ?? points.count - 1])
        }
        var owners: [Int] = []
        for _ in 0..<100 {
            let nearer = points.map { nearest($0, centres).index }
            guard nearer != owners else { break }
            owners = nearer
            for index in centres.indices {
                let own = owners.indices.filter { owners[$0] == index }
                guard !own.isEmpty else { continue }
                centres[index] = centres[index].indices.map { column in
                    own.reduce(0.0) { $0 + points[$1][column] } / Double(own.count)
                }
            }
        }
        return (centres, points.reduce(0.0) { $0 + nearest($1, centres).squared })
    }

    private static func nearest(_ point: [Double], _ centres: [[Double]]) -> (index: Int, squared: Double) {
        var best = (index: 0, squared: Double.infinity)
        for (index, centre) in centres.enumerated() {
            var squared = 0.0
            for column in point.indices { squared += (point[column] - centre[column]) * (point[column] - centre[column]) }
            if squared < best.squared { best = (index, squared) }
        }
        return best
    }
}
