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
