import Basics
import Testing

@testable import Probes

@Suite struct SplitExchangeTests {
    @Test func `p is uniform for a policy that saw neither set`() throws {
        var p: [Double] = []
        for seed in 0..<20 {
            let study = SyntheticStudy(train: 6, reference: 6, query: 8, seed: UInt64(seed))
            let context = try study.context([("truth", .generalizer)], train: study.train, reference: study.reference)
            let evaluated = try #require(context.evaluated("truth", "heldout"))
            let exchange = try #require(SplitExchange(evaluated))
            p.append(exchange.pValue(draws: 199, seed: context.seed, pool: WorkerPool(workers: 2)))
        }
        let mean = p.reduce(0, +) / 20
        #expect(abs(mean - 0.5) < 0.2)
        #expect(p.count { $0 <= 0.1 } <= 6 && p.count { $0 > 0.9 } <= 6)
    }

    @Test func `p does not depend on the number of workers`() throws {
        let context = try SyntheticStudy().context()
        let evaluated = try #require(context.evaluated("interpolator", "heldout"))
        let exchange = try #require(SplitExchange(evaluated))
        #expect(
            exchange.pValue(draws: 99, seed: context.seed, pool: WorkerPool(workers: 1))
                == exchange.pValue(draws: 99, seed: context.seed, pool: WorkerPool(workers: 3)))
    }
}
