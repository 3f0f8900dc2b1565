import Basics
import Compute
import Foundation
import Networks
import Policies
import Testing

@Suite struct TimingTests {
    @Test func `timing of a step`() {
        let c = DiffusionNetworkConfiguration(cameras: ["agentview_image", "robot0_eye_in_hand_image"], imageSize: 76, lowDimDimension: 9, actionDimension: 7)
        let network = DiffusionNetwork(c)
        print("parameters", network.store.count, "encoder MFLOP", network.encoderPlan(camera: 0).plan.flops / 1_000_000, "slab", network.encoderPlan(camera: 0).plan.slabCount, "core", Matrix.coreName)
        let p = network.store.makeInitialized(Seed(0))
        for workers in [1, 2] {
            let gradient = DiffusionGradient(network, batchSize: 64, pool: WorkerPool(workers: workers))
            var r = RandomSource(Seed(1))
            func random(_ n: Int) -> [Float] { (0..<n).map { _ in Float(r.uniform(-1, 1)) } }
            let batch = DiffusionBatch(images: random(64 * 4 * 76 * 76 * 3), lowDim: random(64 * 18), noisyActions: random(64 * 112), timesteps: (0..<64).map { Float($0) }, noise: random(64 * 112))
            for _ in 0..<4 {
                let t = Date()
                let result = gradient.run(batch, parameters: p)
                print("workers", workers, "ms", Date().timeIntervalSince(t) * 1000, result.loss, Gradients.norm(result.gradients))
            }
        }
    }
}
