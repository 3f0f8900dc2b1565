/// The numbers of one `ManifoldRun`.
struct ManifoldNumbers: Sendable {
    /// Side of a grid cell; the size of a shape is 2. Cells are centred on multiples of it.
    static let cell: Float = 0.1

    /// Distance of the samples to the curve.
    let distanceMedian, distanceTail: Double
    /// Mean distance from a sample to the curve and from a point of the curve to a sample, the mean of the two.
    let chamfer: Double
    /// Share of samples in cells that the curve passes through.
    let precision: Double
    /// Share of the curve's cells that hold a sample.
    let recall: Double
    /// Cells that the densest 90 % of the samples fill, over cells of the curve.
    let spread: Double
    /// d1 / d2 of each sample, nearest over second nearest training point.
    let ratios: [Double]

    init(_ run: ManifoldRun, training: PlaneNeighbours, manifold: PlaneNeighbours) {
        let distances = SortedSample(run.distance.map(Double.init))
        distanceMedian = distances.quantile(0.5)
        distanceTail = distances.quantile(0.95)
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let back = PlaneNeighbours(run.samples).nearestTwo(run.manifold).map(\.first)
        chamfer = (mean(manifold.nearestTwo(run.samples).map(\.first)) + mean(back)) / 2
        let own = Self.cells(run.samples), curve = Set(Self.cells(run.manifold)), held = Set(own)
        precision = Double(own.count { curve.contains($0) }) / Double(own.count)
        recall = Double(curve.intersection(held).count) / Double(curve.count)
        var counts: [SIMD2<Int32>: Int] = [:]
        for cell in own { counts[cell, default: 0] += 1 }
        var seen = 0
        let filled = counts.values.sorted(by: >).prefix { count in
            defer { seen += count }
            return Double(seen) < 0.9 * Double(own.count)
        }
        spread = Double(filled.count) / Double(curve.count)
        // A sample that is two training points at once is nearer to neither.
        ratios = training.nearestTwo(run.samples).map { $0.second > 0 ? $0.first / $0.second : 1 }
    }

    /// f_mem(c) = P(d1/d2 < c).
    func memorized(below c: Double) -> Double { Double(ratios.count { $0 < c }) / Double(ratios.count) }

    /// The cell of each point [n, 2]; far outside, all are one.
    private static func cells(_ points: [Float]) -> [SIMD2<Int32>] {
        stride(from: 0, to: points.count, by: 2).map { row in
            let bounded = [points[row], points[row + 1]].map { min(max(($0 / cell).rounded(), -1e6), 1e6) }
            return [Int32(bounded[0]), Int32(bounded[1])]
        }
    }
}

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
