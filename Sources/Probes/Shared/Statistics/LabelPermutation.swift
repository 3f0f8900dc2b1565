import Basics

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
