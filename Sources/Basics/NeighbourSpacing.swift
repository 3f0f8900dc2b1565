/// The median distance of a training frame to the nearest frame of another demonstration: the unit of every kernel's
/// bandwidth, in whatever space the distance is measured.
public enum NeighbourSpacing {
    /// The rows whose distances the median is over: every fourth, because neighbouring frames are nearly equal, and 256 at
    /// most.
    public static func asked(of count: Int) -> [Int] {
        Array(stride(from: 0, to: count, by: max(4, (count + 255) / 256)))
    }

    /// - Parameters:
    ///   - demonstration: Of each of the `count` rows.
    ///   - distances: From each row of `asked(of: count)` to every row.
    /// - Returns: Nil for rows of one demonstration. At least 1e-6: repeated frames must not make a kernel of no width.
    public static func median(demonstration: [Int], distances: [[Double]]) -> Double? {
        let nearest = zip(asked(of: demonstration.count), distances).compactMap { row, distances in
            distances.indices.lazy.filter { demonstration[$0] != demonstration[row] }.map { distances[$0] }.min()
        }.sorted()
        guard !nearest.isEmpty else { return nil }
        return max((nearest[(nearest.count - 1) / 2] + nearest[nearest.count / 2]) / 2, 1e-6)
    }
}
