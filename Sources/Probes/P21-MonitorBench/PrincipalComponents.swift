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

/// Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan 2013, §8.5).
struct SymmetricEigen: Sendable {
    /// Falling.
    let values: [Double]  // [n]
    /// `vectors[i]` belongs to `values[i]`: unit length, the entry of largest magnitude positive.
    let vectors: [[Double]]  // [n, n]

    /// - Parameter matrix: symmetric, [n, n] row by row.
    init(_ matrix: [Double], size n: Int) {
        precondition(matrix.count == n * n, "\(matrix.count) values for a matrix of \(n) x \(n)")
        var a = matrix
        var v = [Double](repeating: 0, count: n * n)  // rows are the eigenvectors
        for i in 0..<n { v[i * n + i] = 1 }
        let scale = a.reduce(0) { max($0, abs($1)) }
        for _ in 0..<60 {
            var largest = 0.0
            for p in 0..<n {
                for q in (p + 1)..<n {
                    let off = a[p * n + q]
                    largest = max(largest, abs(off))
                    guard abs(off) > 1e-15 * scale else { continue }
                    let theta = (a[q * n + q] - a[p * n + p]) / (2 * off)
                    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot()
                    Self.rotate(&a, &v, n, p, q, cosine: c, sine: t * c)
                }
            }
            if largest <= 1e-14 * scale { break }
        }
        let order = (0..<n).sorted { a[$0 * n + $0] > a[$1 * n + $1] }
        values = order.map { a[$0 * n + $0] }
        vectors = order.map { row in
            let vector = Array(v[row * n..<(row + 1) * n])
            let peak = vector.max { abs($0) < abs($1) } ?? 0
            return peak < 0 ? vector.map { -$0 } : vector
        }
    }

    private static func rotate(
        _ a: inout [Double], _ v: inout [Double], _ n: Int, _ p: Int, _ q: Int, cosine c: Double, sine s: Double
    ) {
        for k in 0..<n {
            let (x, y) = (a[k * n + p], a[k * n + q])
            a[k * n + p] = c * x - s * y
            a[k * n + q] = s * x + c * y
        }
        for k in 0..<n {
            let (x, y) = (a[p * n + k], a[q * n + k])
            a[p * n + k] = c * x - s * y
            a[q * n + k] = s * x + c * y
            let (z, w) = (v[p * n + k], v[q * n + k])
            v[p * n + k] = c * z - s * w
            v[q * n + k] = s * z + c * w
        }
    }
}
