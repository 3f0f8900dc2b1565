import Foundation

/// The minimiser of the training loss itself: ε̂(x) = (x - √ᾱ E[x_0 | x]) / √(1 - ᾱ) with x_0 uniform over the training
/// points, so E[x_0 | x] = Σ w_i x_i, w_i ∝ exp(-‖x/√ᾱ - x_i‖² / 2σ²), σ = √(1 - ᾱ) / √ᾱ (Karras et al. 2022, B.3).
///
/// Exact to rounding for a few points. Where neighbours along the curve lie closer than σ / 50 they count as one point of
/// their weight (relative error of a weight below 10⁻⁴), and points too far to weigh e⁻⁴⁰ of the nearest are left out.
public struct CurveDenoiser: Sendable {
    private let levels: [Level]

    /// - Parameter points: [n, 2] in their order along the curve
    public init(points: [Float]) {
        precondition(!points.isEmpty, "no training points")
        var levels = [Level(points)]
        while levels[levels.count - 1].x.count > 64 { levels.append(levels[levels.count - 1].halved()) }
        self.levels = levels
    }

    /// The predicted noise at `noisy` [n, 2]. [n, 2]
    public func noise(at noisy: [Float], alphaBar: Double) -> [Float] {
        let root = alphaBar.squareRoot(), deviation = (1 - alphaBar).squareRoot(), sigma = deviation / root
        let level = levels.last { $0.width <= sigma / 50 } ?? levels[0]
        var result = [Float](repeating: 0, count: noisy.count)
        for row in stride(from: 0, to: noisy.count, by: 2) {
            let x = Double(noisy[row]), y = Double(noisy[row + 1])
            let clean = level.mean(near: x / root, y / root, sigma: sigma)
            result[row] = Float((x - root * clean.x) / deviation)
            result[row + 1] = Float((y - root * clean.y) / deviation)
        }
        return result
    }
}

/// Training points, or groups of neighbours each standing for as many points as its weight says.
private struct Level: Sendable {
    private static let chunk = 32
    let x, y, weight: [Double]
    /// How far apart two points of one group lie at most.
    let width: Double
    /// Smallest and largest coordinates of each run of 32 entries.
    private let boxes: [SIMD4<Double>]
    private let low, high: [SIMD2<Double>]

    init(_ points: [Float]) {
        let indices = 0..<points.count / 2
        self.init(
            x: indices.map { Double(points[2 * $0]) }, y: indices.map { Double(points[2 * $0 + 1]) },
            weight: indices.map { _ in 1 }, low: indices.map { [Double(points[2 * $0]), Double(points[2 * $0 + 1])] },
            high: indices.map { [Double(points[2 * $0]), Double(points[2 * $0 + 1])] })
    }

    private init(x: [Double], y: [Double], weight: [Double], low: [SIMD2<Double>], high: [SIMD2<Double>]) {
        (self.x, self.y, self.weight, self.low, self.high) = (x, y, weight, low, high)
        width = zip(low, high).map { (($1 - $0) * ($1 - $0)).sum().squareRoot() }.max() ?? 0
        boxes = stride(from: 0, to: x.count, by: Self.chunk).map { start in
            let part = start..<min(start + Self.chunk, x.count)
            return [
                x[part].min() ?? 0, y[part].min() ?? 0, x[part].max() ?? 0, y[part].max() ?? 0,
            ]
        }
    }

    /// Neighbours taken together two by two.
    func halved() -> Level {
        let pairs = stride(from: 0, to: x.count, by: 2).map { ($0, min($0 + 1, x.count - 1)) }
        // The last one of an odd number stays alone.
        let total = pairs.map { $0 == $1 ? weight[$0] : weight[$0] + weight[$1] }
        func mean(_ values: [Double]) -> [Double] {
            pairs.map {
                $0 == $1 ? values[$0] : (values[$0] * weight[$0] + values[$1] * weight[$1]) / (weight[$0] + weight[$1])
            }
        }
        return Level(
            x: mean(x), y: mean(y), weight: total,
            low: pairs.map { pointwiseMin(low[$0], low[$1]) }, high: pairs.map { pointwiseMax(high[$0], high[$1]) })
    }

    private func entries(_ box: Int) -> Range<Int> { box * Self.chunk..<min((box + 1) * Self.chunk, x.count) }

    /// Σ w_i x_i at (px, py).
    func mean(near px: Double, _ py: Double, sigma: Double) -> (x: Double, y: Double) {
        let bounds = boxes.map { box in
            let dx = max(box[0] - px, 0, px - box[2]), dy = max(box[1] - py, 0, py - box[3])
            return dx * dx + dy * dy
        }
        func squared(_ i: Int) -> Double { (x[i] - px) * (x[i] - px) + (y[i] - py) * (y[i] - py) }
        var nearest = Double.infinity
        var first = 0
        for box in bounds.indices where bounds[box] < bounds[first] { first = box }
        for i in entries(first) { nearest = min(nearest, squared(i)) }
        for box in bounds.indices where bounds[box] < nearest {
            for i in entries(box) { nearest = min(nearest, squared(i)) }
        }
        let scale = 0.5 / (sigma * sigma), reach = nearest + 40 / scale
        var sum = 0.0, sumX = 0.0, sumY = 0.0
        for box in bounds.indices where bounds[box] < reach {
            for i in entries(box) {
                let w = weight[i] * exp((nearest - squared(i)) * scale)
                sum += w
                sumX += w * x[i]
                sumY += w * y[i]
            }
        }
        return (sumX / sum, sumY / sum)
    }
}
