import Compute
import Foundation
import Networks
import TestSupport
import Testing

/// Weights can be exchanged by name with the peer in PyTorch.
@Suite struct ParameterNamesTests {
    private static let cameras = ["agentview_image", "robot0_eye_in_hand_image"]

    @Test func `the compact policy has PyTorch's names and shapes, 5,569,255 parameters`() throws {
        let network = DiffusionNetwork(
            .init(
                cameras: Self.cameras, imageSize: 76, lowDimDimension: 9, actionDimension: 7, horizon: 16,
                observationSteps: 2))
        try expectPeer("compact Policy", network.store, count: 5_569_255)
    }

    @Test func `the compact contrastive encoder has PyTorch's names and shapes, 187,248 parameters`() throws {
        let network = ContrastiveEncoder(.init(cameraCount: 2, imageSize: 84))
        try expectPeer("compact ContrastiveEncoder", network.store, count: 187_248)
    }

    @Test func `the compact autoencoder has PyTorch's names and shapes, 399,915 parameters`() throws {
        let encoder = ContrastiveEncoderConfiguration().image
        try expectPeer(
            "compact ImageAutoencoder", ImageAutoencoder(.init(cameraCount: 2, imageSize: 76, image: encoder)).store, count: 399_915)
    }

    @Test func `the reference policy has PyTorch's names and shapes, 277,995,463 parameters`() throws {
        let network = DiffusionNetwork(
            .init(
                cameras: Self.cameras, imageSize: 76, lowDimDimension: 9, actionDimension: 7, horizon: 16,
                observationSteps: 2, encoder: .init { ($0.variant, $0.channels) = (.resnet18, [64, 128, 256, 512]) },
                unet: .init { $0.downDims = [512, 1024, 2048] }))
        try expectPeer("reference Policy", network.store, count: 277_995_463)
    }

    private struct Named: Decodable {
        let name: String
        let shape: [Int]

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            name = try row.decode(String.self)
            shape = try row.decode([Int].self)
        }
    }

    private struct Names: Decodable {
        let policy, contrastiveEncoder, autoencoder, reference: [Named]

        enum CodingKeys: String, CodingKey {
            case policy = "compact Policy"
            case contrastiveEncoder = "compact ContrastiveEncoder"
            case autoencoder = "compact ImageAutoencoder"
            case reference = "reference Policy"
        }
    }

    private func expectPeer(_ key: String, _ store: ParameterStore, count: Int) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: SharedData.fixture("goldens/names.json")))
        let names = try JSONDecoder().decode(Names.self, from: data)
        let peer = [
            "compact Policy": names.policy, "compact ContrastiveEncoder": names.contrastiveEncoder,
            "compact ImageAutoencoder": names.autoencoder, "reference Policy": names.reference,
        ]
        let expected = try #require(peer[key])
        let ours = Dictionary(uniqueKeysWithValues: store.parameters.map { ($0.name, $0.shape) })
        #expect(ours == Dictionary(uniqueKeysWithValues: expected.map { ($0.name, $0.shape) }))
        #expect(store.count == count)
    }
}
