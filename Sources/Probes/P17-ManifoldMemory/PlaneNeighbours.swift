/// Nearest and second nearest of points in the plane, by a sweep from the query outwards along x.
struct PlaneNeighbours: Sendable {
    private let x, y: [Float]

    /// - Parameter points: [n, 2]
    init(_ points: [Float]) {
        let order = (0..<points.count / 2).sorted { points[2 * $0] < points[2 * $1] }
        x = order.map { points[2 * $0] }
        y = order.map { points[2 * $0 + 1] }
    }

    /// Distances of each query [m, 2] to the two nearest points; the second is infinite where there is one point.
    func nearestTwo(_ queries: [Float]) -> [(first: Double, second: Double)] {
        stride(from: 0, to: queries.count, by: 2).map { nearestTwo(queries[$0], queries[$0 + 1]) }
    }

    private func nearestTwo(_ px: Float, _ py: Float) -> (first: Double, second: Double) {
        var low = 0, high = x.count
        while low < high {
            let middle = (low + high) / 2
            if x[middle] < px { low = middle + 1 } else { high = middle }
        }
        var first = Double.infinity, second = Double.infinity
        func consider(_ i: Int) {
            let dx = Double(x[i]) - Double(px), dy = Double(y[i]) - Double(py), squared = dx * dx + dy * dy
            if squared < first { (first, second) = (squared, first) } else if squared < second { second = squared }
        }
        func gap(_ i: Int) -> Double {
            let dx = Double(x[i]) - Double(px)
            return dx * dx
        }
        var left = low - 1, right = low
        // Beyond the second nearest, x alone is farther.
        while left >= 0, gap(left) < second {
            consider(left)
            left -= 1
        }
        while right < x.count, gap(right) < second {
            consider(right)
            right += 1
        }
        return (first.squareRoot(), second.squareRoot())
    }
}
