import Compute
import Testing

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 5]) func `every lane and every index is visited once`(_ workers: Int) {
        let pool = WorkerPool(workers: workers)
        let visits = FloatBuffer(count: 7)
        let indices = FloatBuffer(count: 1_000)
        pool.run(lanes: 7) { lane, worker in
            visits.pointer[lane] += worker < workers ? 1 : 100
        }
        pool.run(count: 1_000, grain: 64) { range in
            for i in range { indices.pointer[i] += 1 }
        }
        #expect(visits.array == [Float](repeating: 1, count: 7))
        #expect(indices.array == [Float](repeating: 1, count: 1_000))
    }

    @Test func `products use one thread`() {
        _ = WorkerPool(workers: 2)
        #expect(Matrix.threads == 1)
    }
}
