import Basics

/// A curve in the plane learned from points of it: what was trained on, what was sampled, what the curve is.
public struct ManifoldRun: Measurement {
    public var shape: String
    /// The policy: `small` and `large` networks, `exact` (the minimiser of the training loss), `truth` (fresh points of the
    /// curve) or `square` (points that know nothing of it).
    public var capacity: String
    /// How it was trained and sampled: `authors` or `corrected`.
    public var settings: String
    public var seed: Int
    public var training: [Float]  // [n, 2]
    public var samples: [Float]  // [m, 2]
    /// Points of the curve that nothing was trained on.
    public var fresh: [Float]  // [m, 2]
    /// Points at equal distances along the curve.
    public var manifold: [Float]  // [M, 2]
    /// Of each sample to the curve.
    public var distance: [Float]  // [m]
    /// Mean over the last 100 steps; nil where nothing was trained.
    public var loss: Double?
    public var steps = 0
    public var parameters = 0
    /// From pure noise to the sample, of the first samples.
    public var flowLines: [Float] = []  // [lines, flowSteps, 2]
    public var flowSteps = 0
    /// Diffusion steps at which the network was compared with the exact denoiser, and σ = √(1 - ᾱ) / √ᾱ there.
    public var timesteps: [Int] = []  // [k]
    public var noiseLevels: [Double] = []  // [k]
    /// Mean squared difference of the two predicted noises at noisy fresh and at noisy training points.
    public var errorFresh: [Double] = []  // [k]
    public var errorTraining: [Double] = []  // [k]

    public init(
        shape: String, capacity: String, settings: String, seed: Int, training: [Float], samples: [Float],
        fresh: [Float], manifold: [Float], distance: [Float], loss: Double? = nil
    ) {
        self.shape = shape
        self.capacity = capacity
        self.settings = settings
        self.seed = seed
        self.training = training
        self.samples = samples
        self.fresh = fresh
        self.manifold = manifold
        self.distance = distance
        self.loss = loss
    }

    public var points: Int { training.count / 2 }
    /// As in tables: heart_200_authors.
    public var condition: Condition { Condition("\(shape)_\(points)_\(settings)") }

    func validate() throws {
        let name = "manifold \(condition), \(capacity), seed \(seed)"
        let flat = [training, samples, fresh, manifold]
        guard flat.allSatisfy({ $0.count.isMultiple(of: 2) }), training.count >= 4, manifold.count >= 4,
            !samples.isEmpty, fresh.count == samples.count, distance.count * 2 == samples.count,
            [noiseLevels, errorFresh, errorTraining].allSatisfy({ $0.count == timesteps.count })
        else {
            throw Failure(
                .data, "the arrays of a manifold do not fit together", at: name,
                expected: "two or more training points, and a fresh point and a distance for each sample",
                found: """
                    \(training.count / 2) training, \(samples.count / 2) samples, \(fresh.count / 2) fresh, \
                    \(distance.count) distances
                    """)
        }
        guard let row = (samples + distance).firstIndex(where: { !$0.isFinite }) else { return }
        throw Failure(
            .data, "a sample of a manifold is not finite", at: "\(name), entry \(row)", expected: "finite coordinates",
            remedy: "its training diverged: lower the learning rate")
    }
}
