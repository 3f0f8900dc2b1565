import Compute
import Networks
import TestSupport
import Testing

@Suite struct ImageEncoderTests {
    @Test(arguments: [
        (
            "image_encoder", ImageEncoderConfiguration { ($0.channels, $0.keypoints, $0.features) = ([16, 32], 6, 10) },
            Shape([3, 20, 22, 3])
        ),
        (
            "resnet_encoder",
            ImageEncoderConfiguration {
                ($0.variant, $0.channels, $0.keypoints, $0.features) = (.resnet18, [4, 8, 12, 16], 5, 6)
            },
            Shape([2, 40, 44, 3])
        ),
    ])
    func `features, loss and every gradient are PyTorch's`(
        _ name: String, _ configuration: ImageEncoderConfiguration, _ shape: Shape
    ) throws {
        let golden = try GoldenNetwork(name)
        let store = ParameterStore()
        let graph = Graph()
        let encoder = ImageEncoder(store, "camera", configuration)
        let image = graph.input(shape)
        let target = graph.input([shape[0], configuration.features])
        let features = encoder(image)
        let loss = graph.apply(MeanSquaredErrorOperation(), features, target)
        let run = PlanRunner(graph.plan(), poisoned: true), gradients = store.makeBuffer()
        run.set(image, try golden.values("inputs/x"))
        run.set(target, try golden.rows("inputs/target"))
        let error = run.trainingPass(try golden.weights(store, prefix: "camera."), loss: loss, addingTo: gradients)
        #expect(
            Difference.relative(run.array(features), try golden.rows("output")) <= (try golden.tolerance("outputs")))
        #expect(Difference.relative([error], try golden.rows("loss")) <= (try golden.tolerance("loss")))
        #expect(try golden.disagreements(store, gradients, prefix: "camera.") == [])
    }
}
