import Basics

/// A few points, and how much of their variance two groups explain.
struct PointCloud: Sendable {
    let points: [[Double]]  // [n, width]

    init(_ points: [[Double]]) {
        precondition(points.count > 1, "\(points.count) points")
        self.points = points
    }

    private static func squaredDistance(_ first: [Double], _ second: [Double]) -> Double {
        var sum = 0.0
        for column in first.indices { sum += (first[column] - second[column]) * (first[column] - second[column]) }
        return sum
    }

    private static func mean(_ points: [[Double]]) -> [Double] {
        points[0].indices.map { column in points.map { $0[column] }.reduce(0, +) / Double(points.count) }
    }

    private static func variation(_ points: [[Double]], around centre: [Double]) -> Double {
        points.map { squaredDistance($0, centre) }.reduce(0, +)
    }

    /// Root mean square, over pairs and entries, of the difference of two points.
    var spread: Double {
        let total = Self.variation(points, around: Self.mean(points))
        // Σ over pairs of ‖x - y‖² is n Σ ‖x - mean‖², over n (n - 1) / 2 pairs.
        return (2 * total / Double((points.count - 1) * points[0].count)).squareRoot()
    }

    /// Share of the variance that 2-means explains, started from the farthest pair; 0 when all points are equal.
    var shareOfTwoMeans: Double {
        let total = Self.variation(points, around: Self.mean(points))
        guard total > 0 else { return 0 }
        var centres = farthestPair
        var groups: [[[Double]]] = []
        for _ in 0..<points.count {
            groups = [[], []]
            for point in points {
                let second = Self.squaredDistance(point, centres[1]) < Self.squaredDistance(point, centres[0])
                groups[second ? 1 : 0].append(point)
            }
            guard groups.allSatisfy({ !$0.isEmpty }) else { return 0 }
            let moved = groups.map(Self.mean)
            if moved == centres { break }
            centres = moved
        }
        let within = zip(groups, centres).map { Self.variation($0, around: $1) }.reduce(0, +)
        return 1 - within / total
    }

    private var farthestPair: [[Double]] {
        var best = (0, 1)
        var longest = -1.0
        for first in points.indices {
            for second in points.indices where second > first {
                let distance = Self.squaredDistance(points[first], points[second])
                if distance > longest { (best, longest) = ((first, second), distance) }
            }
        }
        return [points[best.0], points[best.1]]
    }

    /// As many draws from the Gaussian with the mean and sample covariance of these points: each is the mean plus
    /// Σ g_i (x_i - mean) / √(n - 1) with standard normal g.
    func gaussian(_ source: inout RandomSource) -> PointCloud {
        let mean = Self.mean(points)
        let scale = 1 / Double(points.count - 1).squareRoot()
        return PointCloud(
            points.map { _ in
                var draw = mean
                for point in points {
                    let weight = source.normal() * scale
                    for column in draw.indices { draw[column] += weight * (point[column] - mean[column]) }
                }
                return draw
            })
    }
}
