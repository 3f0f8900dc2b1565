import Basics

/// Disjoint sets of demonstrations, as positions in `DemonstrationSet.episodes`: to train on, an equally
/// drawn reference that no policy sees, and queries.
public struct DatasetSplit: Sendable, Equatable {
    public let train: [Int]
    public let reference: [Int]
    public let query: [Int]

    public init(train: [Int], reference: [Int], query: [Int]) {
        self.train = train
        self.reference = reference
        self.query = query
    }

    /// Shuffles 0 ..< count by `seed`; the first `train` train, the next `reference` are the reference, the
    /// rest are queries. Each part is sorted.
    /// - Throws: `Failure` (`data`) when there is no training demonstration or no query is left.
    public static func make(count: Int, train: Int, reference: Int, seed: Seed) throws -> DatasetSplit {
        guard train >= 1, reference >= 0, train + reference < count else {
            throw Failure(
                .data, "the demonstrations cannot be split", at: "train \(train), reference \(reference)",
                expected: "train >= 1, reference >= 0 and train + reference < \(count), so that a query is left",
                found: "\(train) + \(reference) of \(count) demonstrations",
                remedy: "lower train or reference, or use a file with more demonstrations")
        }
        var source = RandomSource(seed)
        let order = source.permutation(count)
        return DatasetSplit(
            train: order[..<train].sorted(), reference: order[train..<train + reference].sorted(),
            query: order[(train + reference)...].sorted())
    }
}
