import Configuration
import Networks

/// Sizes and trainings of the study of manifolds (P17): curves in the plane learned from points by a small and a large
/// network. The authors' large network is 10 layers of 1,024, their batches 4,096.
public struct ManifoldConfiguration: Equatable, Sendable {
    /// The trainings of He et al. 2025: fewer steps for many points, a smaller rate for the large network on few points.
    public struct Authors: Equatable, Sendable {
        public var steps = 2500
        public var stepsFewPoints = 5000
        public var learningRate = 1e-3
        /// Of the large network.
        public var learningRateFewPoints = 1e-4

        public init() {}
    }

    /// The corrected trainings: the same for every cell.
    public struct Corrected: Equatable, Sendable {
        public var steps = 4000
        public var learningRate = 1e-3

        public init() {}
    }

    public var shapes = ManifoldShape.allCases
    /// Numbers of training points.
    public var points = [20, 200, 2000, 100_000]
    /// How cells are trained and sampled; `settings` in a file.
    public var manners = ManifoldProtocol.allCases
    /// Trainings of every network, each on points of its own.
    public var seeds = 3
    /// Points sampled from every model.
    public var samples = 1000
    public var small = ManifoldNetwork.Size(layers: 1, width: 24)
    public var large = ManifoldNetwork.Size(layers: 3, width: 128)
    public var batchSize = 256
    /// Up to so many training points are few, which matters to the authors' steps and learning rate.
    public var fewPoints = 1000
    public var authors = Authors()
    public var corrected = Corrected()
    /// Optimiser steps between saved states of a training under way; finished cells are kept anyway.
    public var checkpointEvery = 10_000

    public init() {}

    /// Every cell, all models of one set of training points together.
    public var cells: [ManifoldCell] {
        shapes.flatMap { shape in
            points.flatMap { points in
                (0..<seeds).flatMap { seed in
                    manners.flatMap { manner in
                        ManifoldCell.Model.allCases.map {
                            ManifoldCell(model: $0, shape: shape, points: points, manner: manner, seed: seed)
                        }
                    }
                }
            }
        }
    }

    /// Multiply-adds of a cell's training up to a step, or of all of it, in millions: what progress is counted in.
    public func work(_ cell: ManifoldCell, steps: Int? = nil) -> Int {
        guard let size = size(cell.model) else { return 1 }
        return max(1, (steps ?? training(cell).steps) * size.parameterCount / 1000 * batchSize / 1000)
    }

    /// What decides a cell's numbers, for its identity.
    public func description(_ cell: ManifoldCell) -> String {
        let network = size(cell.model).map { "\($0.layers) x \($0.width), \(training(cell))" } ?? "not trained"
        return "\(cell.name), \(samples) samples, \(network)"
    }

    func size(_ model: ManifoldCell.Model) -> ManifoldNetwork.Size? {
        switch model {
        case .small: small
        case .large: large
        case .exact, .truth, .square: nil
        }
    }

    func training(_ cell: ManifoldCell) -> ManifoldTraining {
        let isFew = cell.points <= fewPoints
        switch cell.manner {
        case .authors:
            return ManifoldTraining(
                steps: isFew ? authors.stepsFewPoints : authors.steps, batchSize: batchSize,
                learningRate: isFew && cell.model == .large ? authors.learningRateFewPoints : authors.learningRate)
        case .corrected:
            return ManifoldTraining(steps: corrected.steps, batchSize: batchSize, learningRate: corrected.learningRate)
        }
    }
}

extension ManifoldShape: SettingsChoice {}
extension ManifoldProtocol: SettingsChoice {}

extension ManifoldConfiguration: SettingsGroup {
    public static var fields: [SettingsField<ManifoldConfiguration>] {
        [
            SettingsField("shapes", \.shapes, Rule(expectation: "1 to 4 shapes, each once") { unique($0) }),
            SettingsField("points", \.points, Rule.within(2...10_000_000).each(count: 1...16)),
            SettingsField("settings", \.manners, Rule(expectation: "1 or 2 settings, each once") { unique($0) }),
            SettingsField("seeds", \.seeds, .within(1...1000)),
            SettingsField("samples", \.samples, .within(16...100_000)),
            SettingsField(group: "small", \.small),
            SettingsField(group: "large", \.large),
            SettingsField("batch_size", \.batchSize, .within(1...65_536)),
            SettingsField("few_points", \.fewPoints, .count(from: 0)),
            SettingsField(group: "authors", \.authors),
            SettingsField(group: "corrected", \.corrected),
            SettingsField("checkpoint_every", \.checkpointEvery, .count(from: 1)),
        ]
    }

    private static func unique(_ words: [some Hashable]) -> Bool { !words.isEmpty && Set(words).count == words.count }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard Set(points).count != points.count else { return }
        throw origins.violation(path, "points", expected: "every number once", found: points.shown)
    }
}

extension ManifoldNetwork.Size: SettingsGroup {
    public static var fields: [SettingsField<ManifoldNetwork.Size>] {
        [SettingsField("layers", \.layers, .within(1...64)), SettingsField("width", \.width, .within(1...8192))]
    }
}

extension ManifoldConfiguration.Authors: SettingsGroup {
    public static var fields: [SettingsField<ManifoldConfiguration.Authors>] {
        [
            SettingsField("steps", \.steps, .count(from: 1)),
            SettingsField("steps_few_points", \.stepsFewPoints, .count(from: 1)),
            SettingsField("learning_rate", \.learningRate, .above(0)),
            SettingsField("learning_rate_few_points", \.learningRateFewPoints, .above(0)),
        ]
    }
}

extension ManifoldConfiguration.Corrected: SettingsGroup {
    public static var fields: [SettingsField<ManifoldConfiguration.Corrected>] {
        [SettingsField("steps", \.steps, .count(from: 1)), SettingsField("learning_rate", \.learningRate, .above(0))]
    }
}

/// How a manifold is learned and sampled.
public enum ManifoldProtocol: String, Sendable, CaseIterable {
    /// He et al. 2025: β linear from 10⁻⁴ to 0.02 in 100 steps, so that ᾱ_T = 0.364 while sampling starts from pure
    /// noise, and a sampler that noises the predicted x_0 afresh at every step.
    case authors
    /// Noise levels from 10⁻⁶, far below the spacing of 100,000 points, to 40, so that ᾱ_T = 6 · 10⁻⁴, in 100 equal ratios;
    /// the posterior of Ho et al. 2020.
    case corrected

    public var schedule: NoiseSchedule {
        switch self {
        case .authors: NoiseSchedule(linearFrom: 1e-4, to: 0.02, steps: 100)
        case .corrected: NoiseSchedule(geometricLevelsFrom: 1e-6, to: 40, steps: 100)
        }
    }

    var process: any GenerativeProcess {
        let posterior = DenoisingProcess(.ddpm, schedule: schedule, steps: schedule.steps, clipsPrediction: false)
        return switch self {
        case .authors: RenoisingProcess(denoising: posterior)
        case .corrected: posterior
        }
    }
}

/// The way back of He et al. 2025: the predicted x_0, noised afresh to the next level.
private struct RenoisingProcess: GenerativeProcess {
    /// Whose noising, answers and timesteps it has.
    let denoising: DenoisingProcess

    var levels: Int { denoising.levels }
    func mixture(at t: Int) -> Mixture { denoising.mixture(at: t) }
    func target(clean: Float, noise: Float, at t: Int) -> Float { denoising.target(clean: clean, noise: noise, at: t) }
    func clean(noisy: Float, answer: Float, at t: Int) -> Float { denoising.clean(noisy: noisy, answer: answer, at: t) }
    func answer(noisy: Float, clean: Float, at t: Int) -> Float { denoising.answer(noisy: noisy, clean: clean, at: t) }

    var timesteps: [Int] { denoising.timesteps }
    func drawsNoise(_ index: Int) -> Bool { index + 1 < timesteps.count }

    func step(
        _ index: Int, _ x: UnsafeMutableBufferPointer<Float>, answer: UnsafeBufferPointer<Float>,
        noise: UnsafeBufferPointer<Float>
    ) {
        let t = timesteps[index], isLast = !drawsNoise(index)
        for i in x.indices {
            let clean = clean(noisy: x[i], answer: answer[i], at: t)
            x[i] = isLast ? clean : noised(clean, noise: noise[i], at: timesteps[index + 1])
        }
    }
}
