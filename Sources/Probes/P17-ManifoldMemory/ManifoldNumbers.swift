

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

/// What stands among the policies of a manifold but is none: its numbers are read beside theirs.
enum ManifoldControl: String, Sendable {
    /// Fresh points of the curve.
    case truth
    /// Points uniform in [-1.25, 1.25]².
    case square

    var control: Control { Control(rawValue) }
}

/// The runs of one policy under one condition, a seed each.
struct ManifoldSeeds: Sendable {
    var runs: [ManifoldRun]
    var numbers: [ManifoldNumbers]

    var policy: String { runs[0].capacity }
    var condition: Condition { runs[0].condition }
    /// Nil for a policy.
    var control: ManifoldControl? { ManifoldControl(rawValue: policy) }
    var verdict: Verdict { control == nil ? ManifoldVerdict.verdict(of: numbers) : .description }

    func estimate(_ value: (ManifoldNumbers) -> Double) -> Estimate { Self.estimate(numbers.map(value)) }

    /// The mean over seeds, from the smallest to the largest.
    static func estimate(_ seeds: [Double]) -> Estimate {
        guard !seeds.isEmpty else { return Estimate(value: nil) }
        let mean = seeds.reduce(0, +) / Double(seeds.count)
        return seeds.count > 1 ? Estimate(value: mean, low: seeds.min(), high: seeds.max()) : Estimate(value: mean)
    }
}

/// What He et al. 2025 judged by eye, as rules on numbers of several seeds. The first that applies:
///
/// - memorized: in every seed f_mem(1/3) is above 2/3, twice the null.
/// - erratic: the densest 90 % of the samples fill more than twice as many cells as the curve: they are not a curve.
/// - wrong manifold: fewer than 0.8 of the samples lie in cells of the curve: a curve, but another one.
/// - incomplete: the samples lie on the curve, but hit fewer than 0.9 of its cells: they miss a part of it.
/// - generalized: on the curve, all of it, and in no seed f_mem(1/3) is above 1/2. (Precision, recall and cover are means over
///   seeds.)
/// - undecided: as before, but f_mem(1/3) between 1/2 and 2/3 in some seed.
enum ManifoldVerdict {
    static let memorized = 2.0 / 3
    static let notMemorized = 0.5
    static let erraticSpread = 2.0
    static let precision = 0.8
    static let recall = 0.9

    static func verdict(of seeds: [ManifoldNumbers]) -> Verdict {
        func mean(_ value: (ManifoldNumbers) -> Double) -> Double { seeds.map(value).reduce(0, +) / Double(seeds.count) }
        let shares = seeds.map { $0.memorized(below: 1.0 / 3) }
        if shares.allSatisfy({ $0 > memorized }) { return .memorized }
        if mean(\.spread) > erraticSpread { return .erratic }
        if mean(\.precision) < precision { return .wrongManifold }
        if mean(\.recall) < recall { return .incomplete }
        return shares.allSatisfy { $0 <= notMemorized } ? .generalized : .undecided
    }
}
