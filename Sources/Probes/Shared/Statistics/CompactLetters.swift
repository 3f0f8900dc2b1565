/// The compact letter display of all pairwise comparisons: two policies share a letter exactly when they do not differ
/// significantly (Piepho 2004, Journal of Computational and Graphical Statistics 13, 456-466: insert and absorb).
public struct CompactLetters: Sendable, Equatable {
    /// The policies that share a letter, for every letter in order: best first, as indices of the policies given.
    public let groups: [[Int]]
    /// The letters of each policy, in the order given. "a" belongs to the best.
    public let letters: [String]

    /// - Parameters:
    ///   - values: what the policies are sorted by, larger is better; equal ones stay in the order given. [k]
    ///   - differs: whether i and j differ significantly; symmetric, nothing differs from itself. [k, k]
    public init(values: [Double], differs: [[Bool]]) {
        let count = values.count
        precondition(
            differs.count == count && differs.allSatisfy { $0.count == count }, "\(count) policies, table of \(differs.count)")
        precondition(values.allSatisfy(\.isFinite), "values \(values)")
        let isSymmetric = (0..<count).allSatisfy { i in
            !differs[i][i] && (0..<i).allSatisfy { j in differs[i][j] == differs[j][i] }
        }
        precondition(isSymmetric, "the table of differences is not symmetric")
        let order = values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }
        // Groups of ranks. At first all share one letter; each difference splits the groups in which both still stand.
        var columns: [Set<Int>] = count == 0 ? [] : [Set(0..<count)]
        for i in 0..<count {
            for j in (i + 1)..<count where differs[order[i]][order[j]] {
                columns = Self.absorbed(
                    columns.flatMap { $0.isSuperset(of: [i, j]) ? [$0.subtracting([i]), $0.subtracting([j])] : [$0] })
            }
        }
        let ranked = columns.map { $0.sorted() }.sorted { $0.lexicographicallyPrecedes($1) }
        var letters = [String](repeating: "", count: count)
        for (place, ranks) in ranked.enumerated() {
            for rank in ranks { letters[order[rank]] += Self.letter(place) }
        }
        groups = ranked.map { $0.map { order[$0] } }
        self.letters = letters
    }

    /// Without the groups that lie within another one, of which equal ones leave the first.
    private static func absorbed(_ columns: [Set<Int>]) -> [Set<Int>] {
        columns.enumerated().filter { place, column in
            !columns.enumerated().contains { other, larger in
                other != place && column.isSubset(of: larger) && (column != larger || other < place)
            }
        }.map(\.element)
    }

    /// a to z, then a1 to z1, a2 and so on: a digit belongs to the letter before it.
    private static func letter(_ place: Int) -> String {
        let name = String(UnicodeScalar(UInt8(97 + place % 26)))
        return place < 26 ? name : "\(name)\(place / 26)"
    }
}
