import Basics

/// k-means (Lloyd 1982) from k-means++ starts (Arthur and Vassilvitskii 2007); the best of several starts, each from
/// its own stream.
struct ClusterCentres: Sendable {
    let centres: [[Double]]  // [k, F], fewer where there are fewer distinct points
    /// Sum of squared distances to the nearest centre.
    let inertia: Double

    init(_ points: [[Double]], count: Int = 8, starts: Int = 5, seed: Seed) {
        precondition(!points.isEmpty && count > 0 && starts > 0, "\(count) centres of \(points.count) points")
        let runs = (0..<starts).map { Self.run(points, count, RandomSource(seed / $0)) }
        let best = runs.indices.min { runs[$0].inertia < runs[$1].inertia } ?? 0
        (centres, inertia) = runs[best]
    }

    func distance(_ point: [Double]) -> Double { Self.nearest(point, centres).squared.squareRoot() }

    private static func run(
        _ points: [[Double]], _ count: Int, _ start: RandomSource
    ) -> (centres: [[Double]], inertia: Double) {
        var source = start
        var centres = [points[source.index(below: points.count)]]
        while centres.count < count {
            let squared = points.map { nearest($0, centres).squared }
            var left = source.uniform() * squared.reduce(0, +)
            guard left > 0 else { break }
            let chosen = squared.firstIndex { distance in
                left -= distance
                return left < 0
            }
            centres.append(points[chosen ?? points.count - 1])
        }
        var owners: [Int] = []
        for _ in 0..<100 {
            let nearer = points.map { nearest($0, centres).index }
            guard nearer != owners else { break }
            owners = nearer
            for index in centres.indices {
                let own = owners.indices.filter { owners[$0] == index }
                guard !own.isEmpty else { continue }
                centres[index] = centres[index].indices.map { column in
                    own.reduce(0.0) { $0 + points[$1][column] } / Double(own.count)
                }
            }
        }
        return (centres, points.reduce(0.0) { $0 + nearest($1, centres).squared })
    }

    private static func nearest(_ point: [Double], _ centres: [[Double]]) -> (index: Int, squared: Double) {
        var best = (index: 0, squared: Double.infinity)
        for (index, centre) in centres.enumerated() {
            var squared = 0.0
            for column in point.indices { squared += (point[column] - centre[column]) * (point[column] - centre[column]) }
            if squared < best.squared { best = (index, squared) }
        }
        return best
    }
}
