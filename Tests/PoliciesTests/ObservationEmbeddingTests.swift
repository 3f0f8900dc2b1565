import Basics
import Compute
import Images
import Networks
import Policies
import Testing

@Suite struct ObservationEmbeddingTests {
    private let network = ContrastiveEncoder(
        .init(
            cameraCount: 2, imageSize: 12,
            encoder: .init {
                ($0.image.channels, $0.image.keypoints, $0.image.features) = ([16, 32], 4, 8)
                $0.embedding = 24
            }))

    private func embedding(workers: Int) -> ObservationEmbedding {
        ObservationEmbedding(
            network, parameters: network.store.makeInitialized(Seed(90)), pool: WorkerPool(workers: workers))
    }

    /// Noise of random sizes.
    private static let images: [[RGBImage]] = {
        var source = RandomSource(Seed(91))
        return (0..<7).map { _ in
            (0..<2).map { _ in
                let width = 12 + source.index(below: 9), height = 12 + source.index(below: 9)
                let pixels = (0..<width * height * 3).map { _ in UInt8(source.index(below: 256)) }
                return RGBImage(width: width, height: height, pixels: pixels)
            }
        }
    }()

    @Test func `any number of workers embeds to the same bits, an image alone as among others`() {
        let one = embedding(workers: 1).embed(Self.images), width = 24
        #expect(one.count == 7 * width && Set(one).count > 100)
        for workers in [2, 3] { #expect(embedding(workers: workers).embed(Self.images) == one) }
        for row in 0..<7 {
            let alone = embedding(workers: 2).embed([Self.images[row]])
            #expect(alone == Array(one[row * width..<(row + 1) * width]))
        }
    }

    @Test func `embeddings have unit length`() {
        let values = embedding(workers: 2).embed(Self.images)
        for row in 0..<7 { #expect(abs(product(values, row, values, row, width: 24) - 1) < 1e-6) }
    }
}
