import Manifolds

extension ManifoldShape: SettingsChoice {}
extension ManifoldProtocol: SettingsChoice {}

/// The study of 2-D manifolds (P17): curves in the plane learned from points by a small and a large network. Runs when
/// `probes.names` holds p17; apart from the demonstrations.
public struct ManifoldSettings: Equatable, Sendable {
    public var shapes = ManifoldShape.allCases
    /// Numbers of training points.
    public var points = [20, 200, 2000, 100_000]
    /// How cells are trained and sampled.
    public var settings = ManifoldProtocol.allCases
    /// Trainings of each network, each on points of its own.
    public var seeds = 3
    /// Points sampled from each network.
    public var samples = 1000
    public var small = ManifoldNetworkSettings(layers: 1, width: 24)
    public var large = ManifoldNetworkSettings(layers: 3, width: 128)
    public var batchSize = 256
    /// Up to so many training points are few, which matters to the authors' steps and learning rate.
    public var fewPoints = 1000
    public var authors = ManifoldAuthorsSettings()
    public var corrected = ManifoldCorrectedSettings()
    /// Optimiser steps between saved states of a training under way; finished cells are kept anyway.
    public var checkpointEvery = 10_000

    public init() {}

    var configuration: ManifoldConfiguration {
        var configuration = ManifoldConfiguration()
        configuration.shapes = shapes
        configuration.points = points
        configuration.manners = settings
        configuration.seeds = seeds
        configuration.samples = samples
        configuration.small = .init(layers: small.layers, width: small.width)
        configuration.large = .init(layers: large.layers, width: large.width)
        configuration.batchSize = batchSize
        configuration.fewPoints = fewPoints
        configuration.authorsSteps = authors.steps
        configuration.authorsStepsFewPoints = authors.stepsFewPoints
        configuration.authorsLearningRate = authors.learningRate
        configuration.authorsLearningRateFewPoints = authors.learningRateFewPoints
        configuration.correctedSteps = corrected.steps
        configuration.correctedLearningRate = corrected.learningRate
        configuration.checkpointEvery = checkpointEvery
        return configuration
    }
}

extension ManifoldSettings: SettingsGroup {
    static var fields: [SettingsField<ManifoldSettings>] {
        [
            SettingsField("shapes", \.shapes, Rule(expectation: "1 to 4 shapes, each once") { unique($0) }),
            SettingsField("points", \.points, Rule.within(2...10_000_000).each(count: 1...16)),
            SettingsField("settings", \.settings, Rule(expectation: "1 or 2 settings, each once") { unique($0) }),
            SettingsField("seeds", \.seeds, .within(1...1000)),
            SettingsField("samples", \.samples, .within(16...100_000)),
            SettingsField(group: "small", \.small),
            SettingsField(group: "large", \.large),
            SettingsField("batch_size", \.batchSize, .within(1...65_536)),
            SettingsField("few_points", \.fewPoints, .atLeast(0)),
            SettingsField(group: "authors", \.authors),
            SettingsField(group: "corrected", \.corrected),
            SettingsField("checkpoint_every", \.checkpointEvery, .atLeast(1)),
        ]
    }

    private static func unique(_ words: [some Hashable]) -> Bool { !words.isEmpty && Set(words).count == words.count }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard Set(points).count != points.count else { return }
        throw origins.violation(path, "points", expected: "every number once", found: points.shown)
    }
}
