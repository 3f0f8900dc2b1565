import Basics

/// A permutation test of the DCR share: is the split into T and R special to a policy, or would any other split of the
/// same demonstrations into two sets of these sizes do as well?
///
/// Null: the demonstrations of T and of R are exchangeable for the policy, as they are for one that never saw either.
/// Whole demonstrations change sides, never single chunks. Unlike the interval of the share, which holds for one T and
/// R, this allows for the luck of the split: where T happens to cover Q well, many other splits do too.
struct SplitExchange: Sendable {
    /// Of every row to the nearest chunk of each demonstration, those of T first.
    private let distances: [Float]  // [rows, demonstrations]
    private let rows: Int
    private let trained: Int
    private let demonstrations: Int

    /// Nil without a reference split.
    init?(_ evaluated: EvaluatedChunks) {
        guard let reference = evaluated.toReference else { return nil }
        let train = evaluated.toTrain
        let first = train.demonstrations.count
        let second = reference.demonstrations.count
        var distances: [Float] = []
        for row in 0..<evaluated.count {
            distances += train.byDemonstration[row * first..<(row + 1) * first]
            distances += reference.byDemonstration[row * second..<(row + 1) * second]
        }
        self.distances = distances
        rows = evaluated.count
        trained = first
        demonstrations = first + second
    }

    /// The DCR share if the given columns were the training set.
    private func share(_ isTrained: [Bool]) -> Double {
        var sum = 0.0
        for row in 0..<rows {
            var own = Float.infinity
            var other = Float.infinity
            for column in 0..<demonstrations {
                let distance = distances[row * demonstrations + column]
                if isTrained[column] { own = min(own, distance) } else { other = min(other, distance) }
            }
            sum += own < other ? 1 : own == other ? 0.5 : 0
        }
        return sum / Double(rows)
    }

    /// The share of splits, among `draws` random ones and the one that was trained on, whose DCR share is at least as
    /// large: (k + 1) / (draws + 1).
    func pValue(draws: Int, seed: Seed, pool: WorkerPool) -> Double {
        let observed = share((0..<demonstrations).map { $0 < trained })
        let reached = pool.map(count: draws) { draw in
            var source = RandomSource(seed / draw)
            var columns = Array(0..<demonstrations)
            for place in 0..<trained { columns.swapAt(place, place + source.index(below: demonstrations - place)) }
            var isTrained = [Bool](repeating: false, count: demonstrations)
            for column in columns.prefix(trained) { isTrained[column] = true }
            return share(isTrained) >= observed
        }
        return Double(reached.count { $0 } + 1) / Double(draws + 1)
    }
}
