import Basics
import Probes
import Testing

@Suite struct CompactLettersTests {
    private func table(_ count: Int, _ pairs: [(Int, Int)]) -> [[Bool]] {
        var table = [[Bool]](repeating: [Bool](repeating: false, count: count), count: count)
        for (i, j) in pairs {
            table[i][j] = true
            table[j][i] = true
        }
        return table
    }

    @Test func `examples by hand`() {
        let overlap = CompactLetters(values: [0.9, 0.8, 0.7], differs: table(3, [(0, 2)]))
        #expect(overlap.letters == ["a", "ab", "b"] && overlap.groups == [[0, 1], [1, 2]])
        // The order given does not matter, the values do.
        #expect(CompactLetters(values: [0.7, 0.9, 0.8], differs: table(3, [(0, 1)])).letters == ["b", "a", "ab"])
        #expect(CompactLetters(values: [0.2, 0.5, 0.9], differs: table(3, [(0, 1), (0, 2), (1, 2)])).letters == ["c", "b", "a"])
        #expect(CompactLetters(values: [1, 2, 3, 4], differs: table(4, [])).letters == ["a", "a", "a", "a"])
        // The middle one differs from both ends, which do not differ: a table that is no chain.
        #expect(CompactLetters(values: [3, 2, 1], differs: table(3, [(0, 1), (1, 2)])).letters == ["a", "b", "a"])
        // Four in a square of differences: best and worst of each side share.
        let square = CompactLetters(values: [4, 3, 2, 1], differs: table(4, [(0, 2), (1, 3)]))
        #expect(square.letters == ["ab", "ac", "cd", "bd"] && square.groups == [[0, 1], [0, 3], [1, 2], [2, 3]])
        #expect(CompactLetters(values: [], differs: []).letters == [])
        #expect(CompactLetters(values: [5], differs: table(1, [])).letters == ["a"])
        // Equal values stay in the order given.
        #expect(CompactLetters(values: [1, 1], differs: table(2, [(0, 1)])).letters == ["a", "b"])
    }

    @Test func `in random tables two share a letter exactly when they do not differ, and no letter is more than needed`() {
        var source = RandomSource(Seed(31))
        for round in 0..<300 {
            let count = 1 + source.index(below: 9)
            let share = source.uniform()
            var pairs: [(Int, Int)] = []
            for i in 0..<count { for j in 0..<i where source.uniform() < share { pairs.append((i, j)) } }
            let values = (0..<count).map { _ in source.uniform() }
            let differs = table(count, pairs)
            let display = CompactLetters(values: values, differs: differs)
            for i in 0..<count {
                for j in 0..<count {
                    let shared = Set(display.letters[i]).intersection(display.letters[j])
                    #expect(shared.isEmpty == differs[i][j], "round \(round): \(display.letters)")
                }
            }
            let sets = display.groups.map { Set($0) }
            for (place, group) in sets.enumerated() {
                #expect(!sets.enumerated().contains { $0 != place && group.isSubset(of: $1) })
            }
            let best = values.indices.max { values[$0] < values[$1] } ?? 0
            #expect(display.letters[best].first == "a")
        }
    }

    @Test func `after z the letters go on with a digit`() {
        let count = 30
        let pairs = (0..<count).flatMap { i in (0..<i).map { (i, $0) } }
        let letters = CompactLetters(values: (0..<count).map { -Double($0) }, differs: table(count, pairs)).letters
        #expect(letters[25] == "z" && letters[26] == "a1" && letters[29] == "d1" && Set(letters).count == count)
    }
}
