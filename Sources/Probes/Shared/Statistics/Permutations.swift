import Basics

/// A one-sided permutation test by random draws, with the observed arrangement counted among them so that p is never 0
/// (Phipson and Smyth 2010).
public enum PermutationTest {
    /// (k + 1) / (draws + 1) with k the draws whose statistic is at most `observed`: small when `observed` is unusually
    /// small. Negate both for the other side. A draw that is not finite counts as being at most `observed`.
    ///
    /// Draws that differ from `observed` by rounding alone count as equal (relative tolerance 1e-13, near scipy's).
    /// Draw r has its own stream, so p does not depend on the number of workers.
    public static func pValue(
        observed: Double, draws: Int, seed: Seed, pool: WorkerPool,
        _ statistic: @Sendable (inout RandomSource) -> Double
    ) -> Double {
        precondition(draws > 0 && !observed.isNaN, "\(draws) draws against \(observed)")
        let bound = observed + abs(observed) * 1e-13
        let reached = pool.map(count: draws) { draw in
            var source = RandomSource(seed / draw)
            return !(statistic(&source) > bound)
        }
        return Double(reached.count { $0 } + 1) / Double(draws + 1)
    }
}

/// Exchanges whole demonstrations: a permutation of their labels, carried over to rows.
///
/// Rows of one demonstration are not exchangeable with each other, demonstrations are. Each row is mapped onto the row
/// of the other demonstration at the same relative position; demonstrations of differing lengths are stretched.
public struct LabelPermutation: Sendable {
    /// Rows of each demonstration in their order, demonstrations in order of number.
    private let members: [[Int]]
    private let count: Int

    /// - Parameter demonstration: the label of each row; rows of one demonstration are in order of time.
    public init(demonstration: [Int]) {
        let groups = Dictionary(grouping: demonstration.indices) { demonstration[$0] }
        members = groups.keys.sorted().compactMap { groups[$0] }
        count = demonstration.count
    }

    /// For every row, the row that takes its place in one uniform draw over all permutations of the labels. [n]
    public func rows(_ source: inout RandomSource) -> [Int] {
        let order = source.permutation(members.count)
        var rows = [Int](repeating: 0, count: count)
        for (own, other) in zip(members, order.map { members[$0] }) {
            for (place, row) in own.enumerated() { rows[row] = other[(2 * place + 1) * other.count / (2 * own.count)] }
        }
        return rows
    }
}

/// Holm's step-down correction for several tests (Holm 1979): the family-wise error stays under alpha whatever the
/// dependence between them.
public enum Holm {
    /// Adjusted p values, in the order given: max over i ≤ j of min(1, (m - i) p_(i)), i counted from 0.
    public static func adjusted(_ p: [Double]) -> [Double] {
        precondition(p.allSatisfy { (0...1).contains($0) }, "p values \(p)")
        var adjusted = p
        var largest = 0.0
        for (place, index) in p.indices.sorted(by: { p[$0] < p[$1] }).enumerated() {
            largest = max(largest, min(1, Double(p.count - place) * p[index]))
            adjusted[index] = largest
        }
        return adjusted
    }
}
