import Basics
import Compute
import Demonstrations
import Networks
import Policies
import Safetensors
import TestSupport
import Testing

@Suite struct ReconstructionTests {
    private static func golden() throws -> (network: ImageAutoencoder, parameters: FloatBuffer, images: [Float], file: SafetensorsFile) {
        let file = try Safetensors.read(SharedData.fixture("goldens/image_autoencoder.safetensors"))
        let network = ImageAutoencoder(
            .init(cameraCount: 2, imageSize: 23, image: .init { ($0.channels, $0.keypoints, $0.features) = ([8, 16], 4, 12) }),
            square: 4)
        let images = try Goldens.interleaved(["front", "hand"].map { try file.tensor("inputs/\($0)") })
        return (network, try Goldens.buffer(file, network.store), images, file)
    }

    @Test func `loss and every gradient of four frames are PyTorch's, with the same bits for any number of workers`() throws {
        let (network, parameters, images, file) = try Self.golden()
        func run(_ workers: Int) throws -> [Float] {
            let gradient = ReconstructionGradient(network, frames: 4, pool: WorkerPool(workers: workers))
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

    @Test func `the losses of four updates by Adam are PyTorch's`() throws {
        let (network, parameters, images, _) = try Self.golden()
        let expected = try Safetensors.read(SharedData.fixture("goldens/image_autoencoder_training.safetensors")).tensor("losses").values
        let pool = WorkerPool(workers: 2), gradient = ReconstructionGradient(network, frames: 4, pool: pool)
        let optimizer = AdamW(.init(learningRate: 1e-3), count: network.store.count)
        let losses = expected.map { _ in
            let (loss, gradients) = gradient.run(images, parameters: parameters)
            optimizer.step(parameters: parameters, gradients: gradients, factor: 1, pool: pool)
            return loss
        }
        #expect(losses.count == 4 && Difference.relative(losses, expected) < 1e-5)
    }

    /// A constant answer for each camera, the best there is, is what an encoder that sees nothing comes to.
    @Test func `unseen frames are reconstructed better than by the mean image of their camera`() throws {
        let scene = MovingSquare()
        let network = ImageAutoencoder(
            .init(cameraCount: 2, imageSize: 16, image: .init { ($0.channels, $0.keypoints, $0.features) = ([8, 16], 8, 16) }))
        let pool = WorkerPool(workers: 2)
        let trainer = EncoderTrainer(
            name: "alt-autoencoder", network,
            .init {
                ($0.epochs, $0.batchSize, $0.learningRate) = (40, 8, 3e-3)
                $0.augmentation.cropScale = [1, 1]
            }, set: scene.set, frames: scene.frames(0..<6), seed: Seed(31), pool: pool)
        let losses = try (0..<trainer.totalSteps).map { _ in try trainer.advance().loss }
        #expect(losses.suffix(10).reduce(0, +) < 0.5 * losses.prefix(10).reduce(0, +))
        let unseen = scene.images(6..<8), count = network.thumbnail.count, seen = network.thumbnail(scene.images(0..<6))
        let error = ReconstructionGradient(network, frames: 20, pool: pool).run(unseen, parameters: trainer.parameters).loss
        // [cameras, P] of both.
        var mean = [Float](repeating: 0, count: 2 * count)
        for i in seen.indices { mean[i % (2 * count)] += seen[i] * Float(2 * count) / Float(seen.count) }
        let target = network.thumbnail(unseen)
        let squares = target.indices.map { i in (target[i] - mean[i % (2 * count)]) * (target[i] - mean[i % (2 * count)]) }
        let byMean = squares.reduce(0, +) / Float(squares.count)
        #expect(error < 0.6 * byMean, "\(error), by the mean image \(byMean)")
    }

    @Test func `features are unit vectors, side by side for the cameras, and need nothing but the encoder`() throws {
        let scene = MovingSquare()
        let encoder = SharedEncoder(
            .init(cameraCount: 2, imageSize: 16, image: .init { ($0.channels, $0.keypoints, $0.features) = ([8, 16], 8, 16) }))
        let features = CameraFeatures(encoder, parameters: encoder.store.makeInitialized(Seed(32)), pool: WorkerPool(workers: 2))
        let key = FeatureKey(features), observations = scene.frames(0..<1).map { scene.set.observation($0, steps: 2) }
        let rows = key.rows(of: observations)
        #expect(key.isUnit && key.width == 32 && rows.count == observations.count * 32 && key.parameterCount == encoder.store.count)
        for row in observations.indices { #expect(abs(product(rows, row, rows, row, width: 32) - 1) < 1e-5) }
        // The images of the last step, and of both cameras.
        let other = observations.map { own in
            var own = own
            own.images[own.images.count - 1].swapAt(0, 1)
            return own
        }
        #expect(key.rows(of: other) != rows)
        let older = observations.map { own in
            var own = own
            own.images[0] = own.images[1]
            return own
        }
        #expect(key.rows(of: older) == rows)
    }
}

/// Eight demonstrations of ten frames: a bright square on a dark ground, at places drawn for each frame; the second camera sees a
/// square of another colour at the first's place, mirrored.
private struct MovingSquare {
    private static let size = 16, side = 6, length = 10
    let set: DemonstrationSet

    init() {
        var source = RandomSource(Seed(30)), pixels: [[UInt8]] = [[], []]
        for _ in 0..<8 * Self.length {
            let x = source.index(below: Self.size - Self.side + 1), y = source.index(below: Self.size - Self.side + 1)
            pixels[0] += Self.picture(x, y, [250, 200, 60])
            pixels[1] += Self.picture(Self.size - Self.side - x, y, [40, 220, 240])
        }
        set = DemonstrationSet(
            path: "memory", cameras: ["front", "hand"].map { Camera(key: $0, height: Self.size, width: Self.size) }, lowDimKeys: [],
            actionDimension: 2,
            episodes: (0..<8).map {
                Episode(name: "demo_\($0)", length: Self.length, actions: [Float](repeating: 0, count: 2 * Self.length), lowDim: [])
            }, environment: nil, pixels: pixels[0] + pixels[1])
    }

    private static func picture(_ x: Int, _ y: Int, _ colour: [UInt8]) -> [UInt8] {
        (0..<size * size).flatMap { i in
            (x..<x + side).contains(i % size) && (y..<y + side).contains(i / size) ? colour : [20, 30, 40]
        }
    }

    /// [frames, cameras, S, S, 3] in [-1, 1]
    func images(_ demonstrations: Range<Int>) -> [Float] {
        frames(demonstrations).flatMap { frame in
            (0..<2).flatMap { set.image(frame, camera: $0).pixels.map { Float($0) / 127.5 - 1 } }
        }
    }

    func frames(_ demonstrations: Range<Int>) -> [FrameReference] {
        demonstrations.flatMap { demonstration in (0..<Self.length).map { FrameReference(demonstration: demonstration, frame: $0) } }
    }
}
