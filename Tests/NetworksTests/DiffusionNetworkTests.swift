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
        let parameters = try golden.parameters(network.store)
        let images = try [golden.values("inputs/front"), golden.values("inputs/hand")]
        let lowDim = try golden.rows("inputs/low_dim")
        let size = network.configuration.imageCount
        var condition: [Float] = []
        for row in 0..<6 {
            for camera in 0..<2 {
                let encoder = network.encoderPlan(camera: camera, for: .inference)
                let run = NetworkRun(encoder.plan, parameters, network.store)
                run.workspace.set(encoder.image, Array(images[camera][row * size..<(row + 1) * size]))
                run.forward()
                condition += run.workspace.array(encoder.features)
            }
            condition += lowDim[row * 9..<(row + 1) * 9]
        }
        let conditioning = network.conditioningPlan(batch: 3)
        let modulation = NetworkRun(conditioning.plan, parameters, network.store)
        modulation.workspace.set(conditioning.step, try golden.rows("inputs/steps"))
        modulation.workspace.set(conditioning.condition, condition)
        modulation.forward()
        let denoiser = network.denoiserPlan(batch: 3)
        let run = NetworkRun(denoiser.plan, parameters, network.store)
        run.workspace.set(denoiser.sample, try golden.rows("inputs/x"))
        for (input, output) in zip(denoiser.modulations, conditioning.modulations) {
            run.workspace.set(input, modulation.workspace.array(output))
        }
        run.forward()
        let prediction = run.workspace.array(denoiser.prediction)
        #expect(Difference.relative(prediction, try golden.rows("output")) <= (try golden.tolerance("outputs")))
    }
}
