import Basics
import Testing

@testable import Compute

@Suite struct NearestRowsTests {
    @Test(arguments: RowsCase.all) func `the best rows are those of a sort of all products, to the last bit`(
        _ example: RowsCase
    ) {
        let (rows, queries) = example.make()
        let table = NearestRows(rows, width: example.width, pool: WorkerPool(workers: 2))
        for (number, query) in queries.enumerated() {
            let sorted = Self.sorted(rows, query)
            for count in [1, 5, 64, table.count + 1] {
                let found = table.nearest(to: query, count: count)
                let expected = sorted.prefix(count)
                let place = "\(example), query \(number), k \(count)"
                #expect(found.map(\.row) == expected.map(\.row), "\(place)")
                #expect(found.map(\.score.bitPattern) == expected.map(\.score.bitPattern), "\(place)")
                let scanned = table.scan(query, count: count)
                #expect(scanned.map(\.row) == expected.map(\.row), "\(place)")
            }
        }
    }

    @Test(arguments: RowsCase.all) func `a batch of queries gets each query's own answer`(_ example: RowsCase) {
        let (rows, queries) = example.make()
        let answers = [1, 3].map { workers in
            let table = NearestRows(rows, width: example.width, pool: WorkerPool(workers: workers))
            let each = queries.map { table.nearest(to: $0, count: 5) }
            let batch = table.nearest(toEach: Array(queries.joined()), count: 5)
            #expect(batch.map { $0.map(\.row) } == each.map { $0.map(\.row) }, "\(example), \(workers) workers")
            return batch.map { $0.map(\.score.bitPattern) }
        }
        #expect(answers[0] == answers[1], "\(example)")
        #expect(answers[0].count == queries.count)
    }

    @Test func `answers do not depend on the number of workers, nor do ties across their parts`() {
        var source = RandomSource(Seed(41))
        let width = 512, count = 20_000
        var rows = RowsCase.unitRows(count, width: width, &source)
        // The best row four times, in different parts of the table.
        let best = Array(rows[7 * width..<8 * width])
        for copy in [19_999, 9_000, 10_100] { rows.replaceSubrange(copy * width..<(copy + 1) * width, with: best) }
        let tables = [1, 2, 3, 5].map { NearestRows(rows, width: width, pool: WorkerPool(workers: $0)) }
        let answers = tables.map { $0.nearest(to: best, count: 8) }
        #expect(answers[0].prefix(4).map(\.row) == [7, 9_000, 10_100, 19_999])
        #expect(answers.allSatisfy { $0 == answers[0] })
        #expect(tables[2].scan(best, count: 8) == answers[0])
    }

    @Test func `the first pass leaves only a few rows to multiply`() throws {
        var source = RandomSource(Seed(42))
        let width = 128, count = 20_000
        let rows = RowsCase.unitRows(count, width: width, &source)
        let query = RowsCase.unitRows(1, width: width, &source)
        let fifth = Self.sorted(rows, query)[4].score
        let bounds = try Self.bounds(rows, query)
        #expect(bounds.count { $0 > fifth } < 20)
    }

    @Test(arguments: RowsCase.all) func `no bound is below its product`(_ example: RowsCase) throws {
        let (rows, queries) = example.make()
        for query in queries where QuantizedRows.Queries(query, width: example.width).isBounded[0] {
            let products = Self.products(rows, query)
            for (product, bound) in zip(products, try Self.bounds(rows, query)) where !product.isNaN {
                #expect(!(bound < product), "\(example): bound \(bound), product \(product)")
            }
        }
    }

    @Test func `the bound holds, and is nearly reached, where the rounding of a row points along the query`() throws {
        // One component sets the scale to 1; all others lie just under half a step off.
        let width = 128
        let row = (0..<width).map { $0 == 0 ? Float(127) : Float($0 % 100) + 0.499 }
        let query = (0..<width).map { $0 == 0 ? Float(0) : 1 }
        let product = Self.products(row, query)[0]
        let bound = try Self.bounds(row, query)[0]
        let codesAlone = row.dropFirst().reduce(0) { $0 + $1.rounded() }
        #expect(product - codesAlone > 60)
        #expect(bound >= product)
        #expect(bound - product < 0.05 * (product - codesAlone))
    }

    private static func products(_ rows: [Float], _ query: [Float]) -> [Float] {
        rows.withUnsafeBufferPointer { rows in
            stride(from: 0, to: rows.count, by: query.count).map {
                Vector.dot(rows.baseAddress.unsafelyUnwrapped + $0, query, count: query.count)
            }
        }
    }

    /// Every row, sorted by product, NaN as -infinity, then by number.
    private static func sorted(_ rows: [Float], _ query: [Float]) -> [ScoredRow] {
        let products = products(rows, query)
        let keys = products.map { $0.isNaN ? -Float.infinity : $0 }
        let order = products.indices.sorted { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] > keys[$1] }
        return order.map { ScoredRow(row: $0, score: products[$0]) }
    }

    private static func bounds(_ rows: [Float], _ query: [Float]) throws -> [Float] {
        let codes = QuantizedRows.Queries(query, width: query.count)
        try #require(codes.isBounded == [true])
        let count = rows.count / query.count
        let table = QuantizedRows(rows, count: count, width: query.count, pool: WorkerPool(workers: 1))
        var block = [Float](repeating: 0, count: QuantizedRows.blockRows)
        return (0..<table.blockCount).flatMap { number in
            table.upperBounds(number, codes, 0..<1, into: &block)
            return Array(block.prefix(count - number * QuantizedRows.blockRows))
        }
    }
}
