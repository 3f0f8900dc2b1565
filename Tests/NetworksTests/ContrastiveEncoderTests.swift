import Compute
import Networks
import TestSupport
import Testing

@Suite struct ContrastiveEncoderTests {
    @Test(arguments: ["first", "second"]) func `embeddings of four observations are PyTorch's`(_ view: String) throws {
        let golden = try GoldenNetwork("contrastive_encoder")
        let network = ContrastiveEncoder(
            ContrastiveConfiguration(
                cameraCount: 2, imageSize: 20,
                encoder: .init {
                    ($0.image.channels, $0.image.keypoints, $0.image.features) = ([8, 16], 4, 12)
                    $0.embedding = 12
                }))
        let weights = try golden.weights(network.store)
        let encoder = network.imagePlan(for: .inference)
        let head = network.headPlan(batch: 4)
        let images = try ["front", "hand"].map { try golden.values("inputs/\(view)_\($0)") }
        var features: [Float] = []
        for row in 0..<4 {
            for camera in images {
                let run = PlanRunner(encoder.plan, poisoned: true)
                run.set(encoder.image, Array(camera[row * 1200..<(row + 1) * 1200]))
                run.forward(weights)
                features += run.array(encoder.features)
            }
        }
        let run = PlanRunner(head.plan, poisoned: true)
        run.set(head.features, features)
        run.forward(weights)
        let embeddings = run.array(head.embedding)
        #expect(Difference.relative(embeddings, try golden.rows(view)) <= (try golden.tolerance("outputs")))
        for row in 0..<4 {
            let squares = embeddings[row * 12..<(row + 1) * 12].reduce(0) { $0 + $1 * $1 }
            #expect(abs(squares - 1) < 1e-6)
        }
    }
}
