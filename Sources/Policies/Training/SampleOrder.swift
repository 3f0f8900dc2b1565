import Basics

/// The order in which training samples are visited: every epoch a new permutation, a pure function of
/// (seed, epoch, position), so that resuming is exact at any step.
struct SampleOrder {
    let count: Int
    let seed: Seed
    private var epoch = -1
    private var permutation: [Int] = []

    init(count: Int, seed: Seed) {
        precondition(count > 0, "no samples to order")
        self.count = count
        self.seed = seed
    }

    /// The sample at a position of the endless sequence of epochs.
    mutating func sample(at position: Int) -> Int {
        if position / count != epoch {
            epoch = position / count
            var source = RandomSource(seed / epoch)
            permutation = source.permutation(count)
        }
        return permutation[position % count]
    }
}
