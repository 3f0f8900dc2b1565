import Basics
import Compute
import Policies
import Testing

@Suite struct DiffusionPolicyTests {
    private let tiny = TinyDemonstrations()

    @Test func `a seed gives the same samples again, another gives others`() throws {
        let policy = tiny.diffusionPolicy(workers: 2)
        let observations = [tiny.observation(0, 3), tiny.observation(1, 3)]
        let first = try policy.predict(observations, samples: 3, seed: Seed(1))
        #expect(first == (try policy.predict(observations, samples: 3, seed: Seed(1))))
        #expect(first != (try policy.predict(observations, samples: 3, seed: Seed(2))))
        #expect(first.map(\.count) == [3, 3])
        #expect(Set(first.joined().map(\.actions)).count == 6)
        for prediction in first.joined() {
            #expect(prediction.actions.count == 16 && prediction.actions.allSatisfy { $0.isFinite })
            #expect(prediction.match == nil && prediction.isOutOfDistribution == nil)
        }
    }

    /// 4 rows take the plan of a few, 33 the plan of many with repeated rows.
    @Test(arguments: [(2, 2), (11, 3)]) func `the number of workers does not change a bit`(_ count: Int, _ samples: Int)
        throws
    {
        let observations = (0..<count).map { tiny.observation($0 % 3, $0 / 3) }
        let one = try tiny.diffusionPolicy(workers: 1).predict(observations, samples: samples, seed: Seed(1))
        #expect(one == (try tiny.diffusionPolicy(workers: 2).predict(observations, samples: samples, seed: Seed(1))))
    }

    /// 1, 5, 20 and 70 rows take the plans of one row, of 8, of 64, and of 64 twice, the second time with repeated rows;
    /// sequences have a border in batches below 8 and none above. No path changes the order of a row's sums.
    @Test(arguments: [1, 2]) func `a sample's bits do not depend on those asked beside it`(_ workers: Int) throws {
        for channels in [[8, 16], [40, 64]] {
            let policy = tiny.diffusionPolicy(workers: workers, steps: 3, channels: channels)
            let asked = tiny.observation(0, 3)
            let alone = try policy.predict([asked], samples: 1, seed: Seed(1))[0]
            let few = try policy.predict([asked], samples: 5, seed: Seed(1))[0]
            let many = try policy.predict([asked], samples: 20, seed: Seed(1))[0]
            let others = [asked] + (0..<6).map { tiny.observation(1, $0 % 5) }
            let most = try policy.predict(others, samples: 10, seed: Seed(1))[0]
            #expect(few[0] == alone[0])
            #expect(many[0] == alone[0] && Array(many[..<5]) == few)
            #expect(most == Array(many[..<10]))
        }
    }

    @Test func `the condition holds each step's camera features, then its normalised low-dim values`() throws {
        let conditions = tiny.diffusionPolicy(workers: 2).encode([tiny.observation(2, 0), tiny.observation(2, 5)]).array
        let width = 2 * 6 + 3
        for (row, frames) in [[0, 0], [4, 5]].enumerated() {
            for (step, frame) in frames.enumerated() {
                let start = (row * 2 + step) * width + 12
                let expected = tiny.normalizer.normalizeLowDim([2, Float(frame), Float(2 * frame)])
                #expect(Array(conditions[start..<start + 3]) == expected)
            }
        }
        // Frame 0 repeats before the first, so both steps of the first observation are the same.
        #expect(Array(conditions[0..<width]) == Array(conditions[width..<2 * width]))
        #expect(Array(conditions[2 * width..<3 * width]) != Array(conditions[3 * width..<4 * width]))
    }

    @Test func `more inference steps cost more`() {
        let few = tiny.diffusionPolicy(workers: 1, steps: 2).flops
        let many = tiny.diffusionPolicy(workers: 1, steps: 4).flops
        let network = tiny.diffusionNetwork()
        let conditioning = network.conditioningPlan(batch: 4).plan.flops - network.conditioningPlan(batch: 2).plan.flops
        #expect(many - few == conditioning + 2 * network.denoiserPlan(batch: 1).plan.flops)
    }
}
