import Basics
import Compute
import TestSupport
import Testing

@Suite struct GradientsTests {
    @Test func `lanes are added in order, with the same bits for one and two workers`() {
        func sum(workers: Int) -> [Float] {
            let lanes = (0..<4).map { lane in
                var source = RandomSource(Seed(3) / lane)
                return FloatBuffer((0..<150_000).map { _ in Float(source.normal()) })
            }
            let sum = FloatBuffer(count: 150_002)
            Gradients.add(lanes, to: sum, at: 2, pool: WorkerPool(workers: workers))
            return sum.array
        }
        #expect(sum(workers: 1) == sum(workers: 2))
        // 1 is lost beside 2^25, unless the two large ones cancel first.
        let lanes = [Float(33_554_432), -33_554_432, 1].map { FloatBuffer([$0]) }
        let sum = FloatBuffer([5, 0])
        Gradients.add(lanes, to: sum, at: 1, pool: WorkerPool(workers: 1))
        #expect(sum.array == [5, 1])
    }

    @Test(arguments: [(1, 0), (15, 3), (17, 0), (16_384 + 5, 7)])
    func `lanes of any length are added in the middle, and nothing beside them`(_ count: Int, _ start: Int) {
        let lanes = (0..<3).map { RandomValues.normal(count, "lane \($0)") }
        let before = RandomValues.normal(start + count + 9, "before"), sum = FloatBuffer(before)
        Gradients.add(lanes.map { FloatBuffer($0) }, to: sum, at: start, pool: WorkerPool(workers: 2))
        var expected = before
        for lane in lanes { for i in 0..<count { expected[start + i] += lane[i] } }
        #expect(Difference.first(sum.array, expected) == nil)
    }

    @Test func `the norm is Euclidean and not finite when an entry is not`() {
        let gradients = FloatBuffer(count: 10_000, filledWith: 0.03)
        #expect(abs(Gradients.norm(gradients) - 3) < 1e-5)
        gradients.pointer[9_999] = .nan
        #expect(!Gradients.norm(gradients).isFinite)
        gradients.pointer[9_999] = .infinity
        #expect(!Gradients.norm(gradients).isFinite)
    }

    @Test func `clipping shortens what is too long and leaves the rest`() {
        let long = FloatBuffer([3, -4])
        let short = FloatBuffer([0.3, -0.4])
        Gradients.clip(long, norm: Gradients.norm(long), to: 1)
        Gradients.clip(short, norm: Gradients.norm(short), to: 1)
        #expect(Difference.absolute(long.array, [0.6, -0.8]) < 1e-6)
        #expect(short.array == [0.3, -0.4])
    }
}
