import Basics

/// The monitors that need only the training windows' points of one `ObservationSpace`.
struct FeatureMonitors: Sendable {
    private let suffix: String
    private let isPixels: Bool
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
        suffix = String(space.name.map { $0 == " " ? "_" : $0 })
        isPixels = space.name == "pixels"
        self.table = table
        mahalanobis = MahalanobisDistance(table)
        self.principal = principal
        centres = ClusterCentres((0..<table.count).map { principal.coordinates(table.row($0)) }, seed: seed / "centres")
        self.pool = pool
    }

    /// The scores of points, by monitor.
    func scores(_ points: RowVectors) -> [(name: String, values: [Double])] {
        let rows = pool.map(count: points.count) { row in
            let squared = table.squaredDistances(to: row, of: points).sorted()
            let point = points.row(row)
            return [
                Double(squared[min(Self.neighbour, squared.count) - 1]).squareRoot(), Double(squared[0]).squareRoot(),
                centres.distance(principal.coordinates(point)), mahalanobis?.distance(point) ?? .nan,
            ]
        }
        func column(_ index: Int) -> [Double] { rows.map { $0[index] } }
        var result = [(name: "knn_" + suffix, values: column(0)), (name: "pca_kmeans_" + suffix, values: column(2))]
        if isPixels { result.append((name: "pixel_distance", values: column(1))) }
        if mahalanobis != nil { result.append((name: "mahalanobis_" + suffix, values: column(3))) }
        return result
    }
}
