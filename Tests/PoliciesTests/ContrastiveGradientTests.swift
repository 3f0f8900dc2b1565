import Basics
import Compute
import Networks
import Policies
import Safetensors
import TestSupport
import Testing

@Suite struct ContrastiveGradientTests {
    @Test func `loss and every gradient of four pairs are PyTorch's, with the same bits for any number of workers`() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/contrastive_encoder.safetensors"))
        let network = ContrastiveEncoder(
            .init(
                cameraCount: 2, imageSize: 20,
                encoder: .init {
                    ($0.image.channels, $0.image.keypoints, $0.image.features) = ([8, 16], 4, 12)
                    $0.embedding = 12
                }))
        let parameters = try Goldens.buffer(file, network.store)
        let images = try ["first", "second"].flatMap { view in
            Goldens.interleaved(try ["front", "hand"].map { try file.tensor("inputs/\(view)_\($0)") })
        }
        func run(_ workers: Int) throws -> [Float] {
            let pool = WorkerPool(workers: workers)
            let gradient = ContrastiveGradient(network, pairs: 4, temperature: 0.4, pool: pool)
            _ = gradient.run(images, parameters: parameters)
            let (loss, gradients) = gradient.run(images, parameters: parameters)
            #expect(Difference.relative([loss], try file.tensor("loss").values) < 1e-6)
            #expect(try Goldens.disagreements(file, network.store, gradients) == [])
            return [loss] + gradients.array
        }
        let one = try run(1)
        #expect(try one == run(2))
        #expect(try one == run(3))
    }
}
