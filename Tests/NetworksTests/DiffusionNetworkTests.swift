import Compute
import Networks
import TestSupport
import Testing

@Suite struct DiffusionNetworkTests {
    @Test func `the prediction of encoders and U-Net together is PyTorch's`() throws {
        let golden = try GoldenNetwork("policy")
        let network = DiffusionNetwork(
            DiffusionNetworkConfiguration(
                cameras: ["agentview_image", "robot0_eye_in_hand_image"], imageSize: 16, lowDimDimension: 9,
                actionDimension: 7, horizon: 16, observationSteps: 2,
                encoder: .init { ($0.channels, $0.keypoints, $0.features) = ([8, 12], 6, 10) },
                unet: .init { ($0.downDims, $0.stepEmbedding) = ([16, 16], 16) }))
        let weights = try golden.weights(network.store)
        let images = try [golden.values("inputs/front"), golden.values("inputs/hand")]
        let lowDim = try golden.rows("inputs/low_dim")
        let size = network.configuration.imageCount
        var condition: [Float] = []
        for row in 0..<6 {
            for camera in 0..<2 {
                let encoder = network.encoderPlan(camera: camera, for: .inference)
                let run = PlanRunner(encoder.plan, poisoned: true)
                run.set(encoder.image, Array(images[camera][row * size..<(row + 1) * size]))
                run.forward(weights)
                condition += run.array(encoder.features)
            }
            condition += lowDim[row * 9..<(row + 1) * 9]
        }
        let conditioning = network.conditioningPlan(batch: 3)
        let modulation = PlanRunner(conditioning.plan, poisoned: true)
        modulation.set(conditioning.step, try golden.rows("inputs/steps"))
        modulation.set(conditioning.condition, condition)
        modulation.forward(weights)
        let denoiser = network.denoiserPlan(batch: 3)
        let run = PlanRunner(denoiser.plan, poisoned: true)
        run.set(denoiser.sample, try golden.rows("inputs/x"))
        for (input, output) in zip(denoiser.modulations, conditioning.modulations) {
            run.set(input, modulation.array(output))
        }
        run.forward(weights)
        let prediction = run.array(denoiser.prediction)
        #expect(Difference.relative(prediction, try golden.rows("output")) <= (try golden.tolerance("outputs")))
    }
}
