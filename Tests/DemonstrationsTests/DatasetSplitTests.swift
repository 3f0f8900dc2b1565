import Basics
import Demonstrations
import Testing

@Suite struct DatasetSplitTests {
    @Test func `the parts are sorted, disjoint, of the asked sizes, and cover everything`() throws {
        let split = try DatasetSplit.make(count: 60, train: 16, reference: 16, seed: Seed(0))
        #expect(split.train.count == 16 && split.reference.count == 16 && split.query.count == 28)
        #expect((split.train + split.reference + split.query).sorted() == Array(0..<60))
        for part in [split.train, split.reference, split.query] { #expect(part == part.sorted()) }
    }

    @Test func `the seed decides`() throws {
        let first = try DatasetSplit.make(count: 60, train: 16, reference: 16, seed: Seed(1))
        #expect(try first == DatasetSplit.make(count: 60, train: 16, reference: 16, seed: Seed(1)))
        #expect(try first != DatasetSplit.make(count: 60, train: 16, reference: 16, seed: Seed(2)))
    }

    @Test func `spare demonstrations are taken from the queries and leave the other parts as they are`() throws {
        let plain = try DatasetSplit.make(count: 60, train: 8, reference: 8, seed: Seed(0))
        let split = try DatasetSplit.make(count: 60, train: 8, reference: 8, spare: 4, seed: Seed(0))
        #expect(split.train == plain.train && split.reference == plain.reference)
        #expect(split.spareTrain.count == 4 && split.spareReference.count == 4 && split.query.count == 36)
        let all = split.train + split.reference + split.query + split.spareTrain + split.spareReference
        #expect(all.sorted() == Array(0..<60))
        #expect(throws: Failure.self) { try DatasetSplit.make(count: 20, train: 8, reference: 8, spare: 2, seed: Seed(0)) }
    }

    @Test(arguments: [(10, 5, 5), (10, 0, 2), (10, 11, 0), (3, 1, -1), (0, 1, 0)])
    func `sizes that leave no query or no training demonstration are refused`(count: Int, train: Int, reference: Int) {
        let failure = #expect(throws: Failure.self) {
            try DatasetSplit.make(count: count, train: train, reference: reference, seed: Seed(0))
        }
        #expect(failure?.kind == .data)
    }
}
