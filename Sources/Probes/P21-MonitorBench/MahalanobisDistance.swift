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
