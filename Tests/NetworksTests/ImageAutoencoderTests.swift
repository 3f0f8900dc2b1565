import Basics
import Compute
import Networks
import TestSupport
import Testing

@Suite struct ImageAutoencoderTests {
    /// Both cameras of four observations, one row of the decoder each, from the encoder to the loss.
    @Test func `reconstructions of eight images, their targets and the loss are PyTorch's`() throws {
        let golden = try GoldenNetwork("image_autoencoder")
        let network = ImageAutoencoder(
            .init(cameraCount: 2, imageSize: 23, image: .init { ($0.channels, $0.keypoints, $0.features) = ([8, 16], 4, 12) }),
            square: 4)
        let weights = try golden.weights(network.store)
        let encoder = network.encoder.plan(for: .inference), decoder = network.trainingPlan(images: 8)
        let cameras = try ["front", "hand"].map { try golden.values("inputs/\($0)") }, size = 23 * 23 * 3
        let images = (0..<4).flatMap { row in cameras.flatMap { $0[row * size..<(row + 1) * size] } }
        var features: [Float] = []
        for image in 0..<8 {
            let run = PlanRunner(encoder.plan, poisoned: true)
            run.set(encoder.image, Array(images[image * size..<(image + 1) * size]))
            run.forward(weights)
            features += run.array(encoder.features)
        }
        let run = PlanRunner(decoder.plan, poisoned: true)
        run.set(decoder.features, features)
        run.set(decoder.target, network.thumbnail(images))
        run.forward(weights)
        #expect(Difference.relative(network.thumbnail(images), try golden.rows("target")) < 1e-6)
        #expect(Difference.relative(run.array(decoder.reconstruction), try golden.rows("output")) <= (try golden.tolerance("outputs")))
        #expect(Difference.relative(run.array(decoder.loss), try golden.rows("loss")) <= (try golden.tolerance("loss")))
    }

    @Test func `a thumbnail has about 19 squares a side, whatever the crop`() {
        func sizes(_ crop: Int) -> [Int] {
            let thumbnail = ImageThumbnail(imageSize: crop)
            return [thumbnail.square, thumbnail.side]
        }
        #expect(sizes(76) == [4, 19] && sizes(84) == [4, 21] && sizes(12) == [1, 12] && sizes(224) == [12, 18])
        for crop in 28...400 { #expect((14...28).contains(ImageThumbnail(imageSize: crop).side), "\(crop)") }
    }

    @Test func `an encoder by itself has the names, the first weights and the features of the contrastive one`() {
        let image = ImageEncoderConfiguration { ($0.channels, $0.keypoints, $0.features) = ([4, 8], 4, 8) }
        let alone = SharedEncoder(.init(cameraCount: 2, imageSize: 12, image: image))
        let contrastive = ContrastiveEncoder(.init(cameraCount: 2, imageSize: 12, encoder: .init { $0.image = image }))
        let autoencoder = ImageAutoencoder(alone.configuration)
        var source = RandomSource(Seed(5))
        let pixels = (0..<12 * 12 * 3).map { _ in Float(source.uniform(-1, 1)) }
        func features(_ plan: EncoderPlan, _ store: ParameterStore) -> [Float] {
            let run = PlanRunner(plan.plan, poisoned: true)
            run.set(plan.image, pixels)
            run.forward(Weights(store, parameters: store.makeInitialized(Seed(6)), forTraining: false))
            return run.array(plan.features)
        }
        let expected = features(contrastive.imagePlan(for: .inference), contrastive.store)
        #expect(features(alone.plan(for: .inference), alone.store) == expected && Set(expected).count > 1)
        #expect(features(autoencoder.encoder.plan(for: .inference), autoencoder.store) == expected)
        let names = alone.store.parameters.map(\.name)
        #expect(names == contrastive.store.parameters.map(\.name).filter { $0.hasPrefix(SharedEncoder.prefix + ".") })
        #expect(names == autoencoder.store.parameters.map(\.name).filter { $0.hasPrefix(SharedEncoder.prefix + ".") })
    }
}
