import Compute

/// An image encoder by itself, shared by all cameras of given observations.
public struct SharedEncoderConfiguration: Sendable, Equatable {
    public var cameraCount: Int
    /// Extent of the square images, after cropping.
    public var imageSize: Int
    public var image: ImageEncoderConfiguration

    public init(cameraCount: Int, imageSize: Int, image: ImageEncoderConfiguration) {
        self.cameraCount = cameraCount
        self.imageSize = imageSize
        self.image = image
    }

    public var imageCount: Int { imageSize * imageSize * 3 }
    /// Features of all cameras side by side.
    public var features: Int { cameraCount * image.features }
}

/// The image encoder of a `ContrastiveEncoder`, under the same names and without what follows it.
public final class SharedEncoder {
    public let configuration: SharedEncoderConfiguration
    public let store: ParameterStore
    private let encoder: ImageEncoder
    /// What the names of its parameters begin with.
    public static let prefix = "image_encoder"

    /// - Parameter store: to be added to
    public init(_ configuration: SharedEncoderConfiguration, in store: ParameterStore = ParameterStore()) {
        self.configuration = configuration
        self.store = store
        encoder = ImageEncoder(store, Self.prefix, configuration.image)
    }

    /// `image` [1, S, S, 3] -> `features` [1, F].
    public func plan(for purpose: Graph.Purpose) -> EncoderPlan {
        let graph = Graph()
        let image = graph.input([1, configuration.imageSize, configuration.imageSize, 3])
        let features = encoder(image)
        return EncoderPlan(plan: graph.plan(for: purpose), image: image, features: features)
    }
}

/// What an autoencoder's images become before they are reconstructed: the means of squares of pixels.
///
/// A feature vector has too few numbers for every pixel, and two linear layers need none of the finest detail: images of 76
/// pixels become 19 x 19 x 3 numbers.
public struct ImageThumbnail: Sendable, Equatable {
    public let imageSize: Int
    /// Extent of a square, in pixels.
    public let square: Int
    private static let side = 19

    /// - Parameter square: nil for that which makes an extent of about 19 squares, rounded; then no image has more than 28
    public init(imageSize: Int, square: Int? = nil) {
        self.imageSize = imageSize
        self.square = square ?? max(1, (2 * imageSize + Self.side) / (2 * Self.side))
    }

    /// Extent in squares. What no whole square is left for is cut off, half of it on either side, the odd pixel at the end.
    public var side: Int { imageSize / square }
    public var count: Int { side * side * 3 }

    /// [images, S, S, 3] -> [images, side, side, 3]
    public func callAsFunction(_ images: [Float]) -> [Float] {
        let pixels = imageSize * imageSize * 3, first = (imageSize - side * square) / 2, (side, square) = (side, square)
        precondition(images.count % pixels == 0, "\(images.count) floats for images of \(pixels)")
        let share = 1 / Float(square * square)
        return [Float](unsafeUninitializedCapacity: images.count / pixels * count) { result, filled in
            for image in 0..<images.count / pixels {
                for y in 0..<side {
                    for x in 0..<side {
                        var (red, green, blue) = (Float(0), Float(0), Float(0))
                        for row in first + y * square..<first + (y + 1) * square {
                            let start = image * pixels + (row * imageSize + first + x * square) * 3
                            for i in stride(from: start, to: start + square * 3, by: 3) {
                                red += images[i]
                                green += images[i + 1]
                                blue += images[i + 2]
                            }
                        }
                        for sum in [red, green, blue] {
                            result.initializeElement(at: filled, to: sum * share)
                            filled += 1
                        }
                    }
                }
            }
        }
    }
}

/// The image encoder of a `ContrastiveEncoder`, then Linear - ReLU - Linear to the image's `ImageThumbnail`; all cameras share
/// both. Nothing tells frames apart but what an image looks like (Hinton and Salakhutdinov 2006).
public final class ImageAutoencoder {
    public let encoder: SharedEncoder
    public let thumbnail: ImageThumbnail
    private let decoder: (Linear, Linear)

    /// - Parameter square: extent of the thumbnail's squares, in pixels; nil for its own choice
    public init(_ configuration: SharedEncoderConfiguration, square: Int? = nil) {
        encoder = SharedEncoder(configuration)
        thumbnail = ImageThumbnail(imageSize: configuration.imageSize, square: square)
        let width = configuration.image.features
        decoder = (
            Linear(encoder.store, "decoder.0", inputs: width, outputs: 2 * width),
            Linear(encoder.store, "decoder.2", inputs: 2 * width, outputs: thumbnail.count)
        )
    }

    public var configuration: SharedEncoderConfiguration { encoder.configuration }
    public var store: ParameterStore { encoder.store }

    /// Features of N images [N, F] -> their thumbnails [N, P], and the mean squared error [1].
    public struct TrainingPlan: @unchecked Sendable {
        public let plan: Plan
        public let features: Value
        public let reconstruction: Value
        public let target: Value
        public let loss: Value
    }

    public func trainingPlan(images: Int) -> TrainingPlan {
        let graph = Graph()
        let features = graph.input([images, configuration.image.features], needsGradient: true)
        let target = graph.input([images, thumbnail.count])
        let reconstruction = decoder.1(decoder.0(features).relu())
        let loss = graph.apply(MeanSquaredErrorOperation(), reconstruction, target)
        return TrainingPlan(
            plan: graph.plan(for: .training), features: features, reconstruction: reconstruction, target: target, loss: loss)
    }
}
