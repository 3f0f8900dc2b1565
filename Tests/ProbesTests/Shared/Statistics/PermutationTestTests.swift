import Basics
import Probes
import Testing

@Suite struct PermutationTestTests {
    @Test func `p comes out as scipy's over all arrangements and counts the observed one`() throws {
        let reference = try StatisticsReference.load().permutation
        let pooled = reference.first + reference.second
        let size = reference.first.count
        let difference: @Sendable ([Int]) -> Double = { order in
            order.prefix(size).map { pooled[$0] }.reduce(0, +) / Double(size)
                - order.dropFirst(size).map { pooled[$0] }.reduce(0, +) / Double(order.count - size)
        }
        func p(_ workers: Int) -> Double {
            PermutationTest.pValue(
                observed: difference(Array(pooled.indices)), draws: 20000, seed: Seed(0), pool: WorkerPool(workers: workers)
            ) { difference($0.permutation(pooled.count)) }
        }
        // Four standard errors of a share of 20,000 draws.
        #expect(abs(p(2) - reference.p) < 4 * (reference.p / 20000).squareRoot())
        #expect(p(1) == p(2))
        #expect(PermutationTest.pValue(observed: 0, draws: 99, seed: Seed(0), pool: WorkerPool(workers: 1)) { _ in 1 } == 0.01)
        #expect(PermutationTest.pValue(observed: 1, draws: 99, seed: Seed(0), pool: WorkerPool(workers: 1)) { _ in 1 } == 1)
    }

    @Test func `demonstrations move as whole units, stretched to the other's length`() {
        let labels = [4, 4, 4, 4, 7, 7, 9, 9, 9, 9]
        let permutation = LabelPermutation(demonstration: labels)
        var source = RandomSource(Seed(1))
        var partners: Set<[Int]> = []
        for _ in 0..<200 {
            let rows = permutation.rows(&source)
            let groups = [rows[0..<4], rows[4..<6], rows[6..<10]].map(Array.init)
            #expect(groups.allSatisfy { group in Set(group.map { labels[$0] }).count == 1 && group == group.sorted() })
            #expect(Set(groups.map { labels[$0[0]] }) == [4, 7, 9])
            if labels[rows[0]] == 7 { #expect(groups[0] == [4, 4, 5, 5]) }
            if labels[rows[4]] == 9 { #expect(groups[1] == [7, 9]) }
            if labels[rows[0]] == 4 { #expect(groups[0] == [0, 1, 2, 3]) }
            partners.insert(groups.map { labels[$0[0]] })
        }
        #expect(partners.count == 6)
    }
}
