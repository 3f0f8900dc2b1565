/// The directions in which points vary most.
///
/// Where a point has more than 256 numbers, from the inner products of at most 256 evenly chosen points instead of the
/// covariance: the components of those points, at a cost that does not grow with the square of the width.
struct PrincipalComponents: Sendable {
    let mean: [Double]  // [F]
    /// Orthonormal, by falling variance.
    let components: [[Double]]  // [k, F]

    private static let largestMatrix = 256

    /// - Parameters:
    ///   - share: as many components as hold this share of the variance ...
    ///   - limit: ... but at most this many.
    init(_ points: RowVectors, share: Double = 0.95, limit: Int = 16) {
        let width = points.width
        let isWide = width > Self.largestMatrix
        let count = isWide ? min(points.count, Self.largestMatrix) : points.count
        let chosen = (0..<count).map { points.row($0 * points.count / count) }
        var mean = [Double](repeating: 0, count: width)
        for row in chosen { for column in 0..<width { mean[column] += row[column] / Double(count) } }
        let centred = chosen.map { row in (0..<width).map { row[$0] - mean[$0] } }
        self.mean = mean
        let size = isWide ? count : width
        var matrix = [Double](repeating: 0, count: size * size)
        if isWide {
            for i in 0..<size { for j in 0...i { matrix[i * size + j] = Self.dot(centred[i], centred[j]) } }
        } else {
            for row in centred { for i in 0..<size { for j in 0...i { matrix[i * size + j] += row[i] * row[j] } } }
        }
        for i in 0..<size { for j in 0..<i { matrix[j * size + i] = matrix[i * size + j] } }
        let eigen = SymmetricEigen(matrix, size: size)
        let total = eigen.values.reduce(0) { $0 + max(0, $1) }
        var held = 0.0
        var components: [[Double]] = []
        for (value, vector) in zip(eigen.values, eigen.vectors)
        where components.count < limit && held < share * total && value > 1e-12 * total {
            held += value
            guard isWide else {
                components.append(vector)
                continue
            }
            var direction = [Double](repeating: 0, count: width)
            for (weight, row) in zip(vector, centred) {
                for column in 0..<width { direction[column] += weight * row[column] }
            }
            let length = Self.dot(direction, direction).squareRoot()
            components.append(direction.map { $0 / length })
        }
        self.components = components
    }

    /// Coordinates of a point along the components. [k]
    func coordinates(_ point: [Double]) -> [Double] {
        let centred = zip(point, mean).map { $0 - $1 }
        return components.map { Self.dot($0, centred) }
    }

    private static func dot(_ first: [Double], _ second: [Double]) -> Double {
        var sum = 0.0
        for index in first.indices { sum += first[index] * second[index] }
        return sum
    }
}
