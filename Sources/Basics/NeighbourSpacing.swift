/// The median distance of a training frame to the nearest frame of another demonstration: the unit of every kernel's
/// bandwidth, in whatever space the distance is measured.
public enum NeighbourSpacing {
    /// The rows whose distances the median is over: every fourth, because neighbouring frames are nearly equal, and 256 at
    /// most.
    public static func asked(of count: Int) -> [Int] {
        Array(stride(from: 0, to: count, by: max(4, (count + 255) / 256)))
    }

    /// The distance of one row to the nearest of another demonstration, from its distances to every row, which need not be
    /// kept; nil when all rows are of its demonstration.
    public static func nearest(_ row: Int, demonstration: [Int], distances: [Double]) -> Double? {
        distances.indices.lazy.filter { demonstration[$0] != demonstration[row] }.map { distances[$0] }.min()
    }

    /// - Parameter nearest: Of each row of `asked(of:)`.
    /// - Returns: Nil for rows of one demonstration. At least 1e-6: repeated frames must not make a kernel of no width.
    public static func median(_ nearest: [Double?]) -> Double? {
        let nearest = nearest.compactMap { $0 }.sorted()
        guard !nearest.isEmpty else { return nil }
        return max((nearest[(nearest.count - 1) / 2] + nearest[nearest.count / 2]) / 2, 1e-6)
    }
}
