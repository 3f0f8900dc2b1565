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
