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

    private func run(batch: Int, team: Int, junk: Float) -> Result {
        let unet = network.trainingPlan(batch: batch), plan = unet.plan
        let weights = Weights(network.store, parameters: network.store.makeInitialized(Seed(81)), forTraining: true)
        let workspace = Workspace(plan, poisoned: junk.isNaN)
        for (value, name) in [
            (unet.sample, "sample"), (unet.step, "step"), (unet.condition, "condition"), (unet.target, "target"),
        ] { workspace.set(value, Self.numbers(value, name)) }
        let gradients = FloatBuffer(count: plan.gradientCount, filledWith: junk)
        let parameterGradients = network.store.makeBuffer()
        let scratch = (0..<team).map { _ in FloatBuffer(count: plan.scratchCount, filledWith: junk) }
        plan.gradient(of: unet.loss, in: gradients).pointee = 1
        let place = plan.gradient(of: unet.condition, in: gradients)
        place.update(repeating: 0, count: unet.condition.shape.count)
        WorkerPool(workers: team).runTeam { member in
            plan.forward(workspace, weights, scratch: scratch[member.index], member: member)
            plan.backward(
                workspace, gradients: gradients, weights, parameterGradients: parameterGradients,
                scratch: scratch[member.index], member: member)
        }
        return Result(
            loss: workspace.array(unet.loss), prediction: workspace.array(unet.prediction),
            conditionGradient: Array(UnsafeBufferPointer(start: place, count: unet.condition.shape.count)),
            parameterGradients: parameterGradients.array)
    }

    @Test(arguments: [1, 3, 9]) func `the U-Net gives the same bits for any team, in clean memory and in NaN`(_ batch: Int) {
        let one = run(batch: batch, team: 1, junk: 0)
        #expect(one.all.allSatisfy { $0.isFinite })
        #expect(one.conditionGradient.contains { $0 != 0 })
        for team in 1...3 {
            let other = run(batch: batch, team: team, junk: .nan)
            #expect(Difference.absolute(other.all, one.all) == 0, "team of \(team)")
        }
    }

    @Test(arguments: [1, 9]) func `training and sampling predict the same bits`(_ batch: Int) {
        let unet = network.trainingPlan(batch: batch)
        let parameters = network.store.makeInitialized(Seed(81))
        let conditioning = network.conditioningPlan(batch: batch), denoiser = network.denoiserPlan(batch: batch)
        let modulation = NetworkRun(conditioning.plan, parameters, network.store)
        modulation.workspace.set(conditioning.step, Self.numbers(unet.step, "step"))
        modulation.workspace.set(conditioning.condition, Self.numbers(unet.condition, "condition"))
        modulation.forward()
        let sampling = NetworkRun(denoiser.plan, parameters, network.store)
        sampling.workspace.set(denoiser.sample, Self.numbers(unet.sample, "sample"))
        for (input, output) in zip(denoiser.modulations, conditioning.modulations) {
            sampling.workspace.set(input, modulation.workspace.array(output))
        }
        sampling.forward()
        #expect(sampling.workspace.array(denoiser.prediction) == run(batch: batch, team: 1, junk: .nan).prediction)
        #expect(denoiser.plan.slabCount < unet.plan.slabCount / 2)
    }

    @Test func `an encoder for training gives the features of one for inference, in more memory`() {
        let parameters = network.store.makeInitialized(Seed(81))
        let plans = [Graph.Purpose.training, .inference].map { network.encoderPlan(camera: 0, for: $0) }
        let features = plans.map { plan in
            let run = NetworkRun(plan.plan, parameters, network.store)
            run.workspace.set(plan.image, Self.numbers(plan.image, "image"))
            run.forward()
            return run.workspace.array(plan.features)
        }
        #expect(features[0] == features[1])
        #expect(features[0].contains { $0 != 0 } && features[0].allSatisfy { $0.isFinite })
        #expect(plans[1].plan.slabCount < plans[0].plan.slabCount)
    }
}
