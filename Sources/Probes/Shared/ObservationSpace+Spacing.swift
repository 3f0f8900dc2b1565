import Basics

extension ObservationSpace {
    /// Median over training windows of the distance to the nearest window of another demonstration: the unit of every
    /// bandwidth. Every fourth window is asked, because neighbouring windows are nearly equal, and 256 at most.
    func medianNeighbourDistance(demonstration: [Int], pool: WorkerPool) -> Double {
        let table = table
        let asked = Array(stride(from: 0, to: table.count, by: max(4, (table.count + 255) / 256)))
        let nearest = pool.map(count: asked.count) { index in
            let squared = table.squaredDistances(to: asked[index], of: table)
            var best = Float.infinity
            for other in squared.indices where demonstration[other] != demonstration[asked[index]] {
                best = min(best, squared[other])
            }
            return Double(best).squareRoot()
        }
        return SortedSample(nearest).quantile(0.5)
    }

    /// Squared distances of each of a condition's observations to every training window; nil where it has no points.
    func squaredDistances(_ condition: String, pool: WorkerPool) -> [[Float]]? {
        guard let points = points(condition) else { return nil }
        let table = table
        return pool.map(count: points.count) { table.squaredDistances(to: $0, of: points) }
    }
}
