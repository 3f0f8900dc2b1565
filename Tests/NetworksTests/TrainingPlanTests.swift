import Basics
import Compute
import Networks
import TestSupport
import Testing

/// The whole training U-Net: teams, memory and purposes must not change a bit.
@Suite struct TrainingPlanTests {
    private let network = DiffusionNetwork(
        DiffusionNetworkConfiguration(
            cameras: ["front_image"], imageSize: 12, lowDimDimension: 3, actionDimension: 7, horizon: 8, observationSteps: 2,
            encoder: .init { ($0.channels, $0.keypoints, $0.features) = ([16, 32], 6, 10) },
            unet: .init { ($0.downDims, $0.stepEmbedding) = ([16, 40], 16) }))

    private struct Result {
        let loss, prediction, conditionGradient, parameterGradients: [Float]
        var all: [Float] { loss + prediction + conditionGradient + parameterGradients }
    }

    private static func numbers(_ value: Value, _ name: String) -> [Float] {
        var source = RandomSource(Seed(80) / name)
        return (0..<value.shape.count).map { _ in Float(source.normal()) }
    }

    private func run(batch: Int, team: Int, poisoned: Bool) -> Result {
        let unet = network.trainingPlan(batch: batch), weights = initialized
        let runner = PlanRunner(unet.plan, pool: WorkerPool(workers: team), poisoned: poisoned)
        for (value, name) in [
            (unet.sample, "sample"), (unet.step, "step"), (unet.condition, "condition"), (unet.target, "target"),
        ] { runner.set(value, Self.numbers(value, name)) }
        let parameterGradients = network.store.makeBuffer()
        let loss = runner.trainingPass(weights, loss: unet.loss, inputs: [unet.condition], addingTo: parameterGradients)
        return Result(
            loss: [loss], prediction: runner.array(unet.prediction),
            conditionGradient: runner.gradient(of: unet.condition).array, parameterGradients: parameterGradients.array)
    }

    private var initialized: Weights {
        Weights(network.store, parameters: network.store.makeInitialized(Seed(81)), forTraining: true)
    }

    @Test(arguments: [1, 3, 9]) func `the U-Net gives the same bits for any team, in clean memory and in NaN`(_ batch: Int) {
        let one = run(batch: batch, team: 1, poisoned: false)
        #expect(one.all.allSatisfy { $0.isFinite })
        #expect(one.conditionGradient.contains { $0 != 0 })
        for team in 1...3 {
            let other = run(batch: batch, team: team, poisoned: true)
            #expect(Difference.absolute(other.all, one.all) == 0, "team of \(team)")
        }
    }

    @Test(arguments: [1, 9]) func `training and sampling predict the same bits`(_ batch: Int) {
        let unet = network.trainingPlan(batch: batch)
        let weights = initialized
        let conditioning = network.conditioningPlan(batch: batch), denoiser = network.denoiserPlan(batch: batch)
        let modulation = PlanRunner(conditioning.plan, poisoned: true)
        modulation.set(conditioning.step, Self.numbers(unet.step, "step"))
        modulation.set(conditioning.condition, Self.numbers(unet.condition, "condition"))
        modulation.forward(weights)
        let sampling = PlanRunner(denoiser.plan, poisoned: true)
        sampling.set(denoiser.sample, Self.numbers(unet.sample, "sample"))
        for (input, output) in zip(denoiser.modulations, conditioning.modulations) {
            sampling.set(input, modulation.array(output))
        }
        sampling.forward(weights)
        #expect(Difference.first(sampling.array(denoiser.prediction), run(batch: batch, team: 1, poisoned: true).prediction) == nil)
        #expect(denoiser.plan.slabCount < unet.plan.slabCount / 2)
    }

    @Test func `an encoder for training gives the features of one for inference, in more memory`() {
        let weights = initialized
        let plans = [Graph.Purpose.training, .inference].map { network.encoderPlan(camera: 0, for: $0) }
        let features = plans.map { plan in
            let run = PlanRunner(plan.plan, poisoned: true)
            run.set(plan.image, Self.numbers(plan.image, "image"))
            run.forward(weights)
            return run.array(plan.features)
        }
        #expect(features[0] == features[1])
        #expect(features[0].contains { $0 != 0 } && features[0].allSatisfy { $0.isFinite })
        #expect(plans[1].plan.slabCount < plans[0].plan.slabCount)
    }
}
