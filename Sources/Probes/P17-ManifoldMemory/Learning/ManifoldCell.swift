import Basics

/// One cell of the study of manifolds: who learned which curve from how many points, how, and with which seed.
public struct ManifoldCell: Sendable, Hashable {
    /// What makes the samples.
    public enum Model: String, Sendable, CaseIterable {
        /// Networks of two sizes.
        case small, large
        /// The minimiser of the training loss, in closed form: the positive control of memory.
        case exact
        /// Fresh points of the curve: what a perfect generaliser would give.
        case truth
        /// Points uniform in [-1.25, 1.25]², which know nothing of the curve.
        case square
    }

    /// Samples whose way from noise is kept.
    public static let flowLines = 12

    public var model: Model
    public var shape: ManifoldShape
    /// Training points.
    public var points: Int
    public var manner: ManifoldProtocol
    public var seed: Int

    public init(model: Model, shape: ManifoldShape, points: Int, manner: ManifoldProtocol, seed: Int) {
        self.model = model
        self.shape = shape
        self.points = points
        self.manner = manner
        self.seed = seed
    }

    /// As in file names: heart_200_authors_large_s0.
    public var name: String { "\(shape.rawValue)_\(points)_\(manner.rawValue)_\(model.rawValue)_s\(seed)" }

    /// The same for every model and manner.
    private func dataSeed(_ root: Seed) -> Seed { root / shape.rawValue / points / seed }

    /// The training points, in their order along the curve. [points, 2]
    public func training(_ root: Seed) -> [Float] { shape.curve.draw(points, seed: dataSeed(root) / "training") }

    /// Points of the curve that nothing was trained on. [count, 2]
    public func fresh(_ count: Int, _ root: Seed) -> [Float] {
        shape.curve.draw(count, seed: dataSeed(root) / "fresh")
    }

    /// Initial weights, batches, samples.
    func ownSeed(_ root: Seed) -> Seed { dataSeed(root) / manner.rawValue / model.rawValue }
}

/// What one cell gave.
public struct ManifoldResult: Sendable, Equatable {
    public var samples: [Float]  // [m, 2]
    /// From pure noise to the sample, of the first samples; empty for models that do not denoise.
    public var flowLines: [Float]  // [lines, T + 1, 2]
    /// Of each sample to the curve.
    public var distances: [Float]  // [m]
    /// Mean over the last 100 steps; nil for models that are not trained.
    public var loss: Double?
    public var steps: Int
    public var parameters: Int
    /// Diffusion steps at which the network was compared with the exact denoiser; empty for other models.
    public var timesteps: [Int]
    /// σ = √(1 - ᾱ) / √ᾱ at each.
    public var noiseLevels: [Double]
    /// Mean squared difference of the two predicted noises, at noisy points of the curve and at noisy training points.
    public var errorFresh, errorTraining: [Double]

    public init(
        samples: [Float], flowLines: [Float], distances: [Float], loss: Double?, steps: Int, parameters: Int,
        timesteps: [Int], noiseLevels: [Double], errorFresh: [Double], errorTraining: [Double]
    ) {
        self.samples = samples
        self.flowLines = flowLines
        self.distances = distances
        self.loss = loss
        self.steps = steps
        self.parameters = parameters
        self.timesteps = timesteps
        self.noiseLevels = noiseLevels
        self.errorFresh = errorFresh
        self.errorTraining = errorTraining
    }
}
