import Basics
import Configuration
import Demonstrations
import Networks
import Policies

/// The diffusion policy: networks, noise, training and samplers.
public struct DiffusionSettings: Equatable, Sendable {
    /// One per camera.
    public var encoder = ImageEncoderConfiguration()
    public var unet = UnetConfiguration()
    public var noise = NoiseConfiguration()
    public var training = DiffusionTrainingConfiguration()
    public var samplers = SamplerConfiguration()
    /// Trainings on the same demonstrations that differ in their seed; the first is the headline.
    public var seeds = 1
    /// Whether the policy under study has a twin, trained on the reference demonstrations and asked about the same pictures.
    public var twin = false

    public init() {}
}

extension DiffusionSettings: SettingsGroup {
    public static var fields: [SettingsField<DiffusionSettings>] {
        [
            SettingsField(group: "encoder", \.encoder),
            SettingsField(group: "unet", \.unet),
            SettingsField(group: "noise", \.noise),
            SettingsField(group: "training", \.training),
            SettingsField(group: "samplers", \.samplers),
            SettingsField("seeds", \.seeds, .within(1...100)),
            SettingsField("twin", \.twin),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        for (key, steps) in [("ddpm", samplers.ddpm), ("ddim", samplers.ddim)] where steps > noise.steps {
            throw origins.violation(
                path + ["samplers"], key, expected: "at most diffusion.noise.steps = \(noise.steps)", found: "\(steps)")
        }
    }
}

/// The Action Lookup Table's encoder: what is trained from random weights, and the published one's trunk.
public struct AltEncoderSettings: Equatable, Sendable {
    public var network = ContrastiveEncoderConfiguration()
    /// torchvision's ResNet-18 of ImageNet, see `PretrainedTrunk`; nil where nobody has the file, and no table is made of it.
    public var pretrained: String?

    public init() {}

    /// The network of the file's trunk.
    var pretrainedNetwork: ContrastiveEncoderConfiguration {
        var network = network
        network.trunk = .imagenet
        return network
    }
}

extension AltEncoderSettings: SettingsGroup {
    public static var fields: [SettingsField<AltEncoderSettings>] {
        ContrastiveEncoderConfiguration.fields.map { SettingsField($0, of: \.network) } + [SettingsField("pretrained", \.pretrained, Rule.notEmpty.ifPresent)]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws { try network.validate(origins, path: path) }
}

/// The Action Lookup Table: contrastive encoder, its training, the out-of-distribution flag.
public struct AltSettings: Equatable, Sendable {
    public var encoder = AltEncoderSettings()
    public var training = ContrastiveTrainingConfiguration()
    /// Of the encoder that learns to reconstruct its image, the rest as `training`: at the contrastive rate it hardly learns.
    public var autoencoderLearningRate = 1.0e-3
    public var threshold = SimilarityThreshold()
    /// What it is made of, by a name of `TableVariant`; `auto` for what comes nearest to the reference demonstrations.
    public var variant = VariantChoice.automatic
    /// Variants that are tried beside the published one, by name; nil for all. What no variant is made of is not trained.
    public var variants: [String]?
    /// Matches that a query returns, best first.
    public var topK = 5

    /// The second encoder spares the frames of a query's executed actions.
    public init() { training.sparedNeighbours = WindowLayout().executedSteps }
}

extension AltSettings: SettingsGroup {
    public static var fields: [SettingsField<AltSettings>] {
        [
            SettingsField(group: "encoder", \.encoder),
            SettingsField(group: "training", \.training),
            SettingsField("autoencoder_learning_rate", \.autoencoderLearningRate, .above(0)),
            SettingsField(group: "threshold", \.threshold),
            SettingsField("variant", \.variant, Rule(expectation: "one of \(VariantChoice.names.joined(separator: ", "))") { VariantChoice.names.contains($0) }),
            SettingsField(
                "variants", \.variants,
                Rule(expectation: "one of \(TableVariant.known.map(\.name).joined(separator: ", "))") { TableVariant(named: $0) != nil }.each(count: 0...64).ifPresent),
            SettingsField("top_k", \.topK, .within(1...1000)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard let named = TableVariant(named: variant) else { return }
        if named.key.encoder == .pretrained && encoder.pretrained == nil {
            throw origins.violation(path, "variant", expected: "alt.encoder.pretrained to name the file that \(variant) begins with", found: "null")
        }
        if !TableVariant.all(self).contains(named) {
            throw origins.violation(path, "variants", expected: "alt.variant = \(variant) among them, or null for all", found: variants.shown)
        }
        if named.fits(threshold) { return }
        throw origins.violation(
            path + ["threshold"], "method", expected: "calibrated: a fixed threshold is a cosine, and alt.variant = \(variant) compares by distances",
            found: threshold.method.shown)
    }
}

/// Behaviour cloning by regression with the diffusion policy's network, in one step and in two; the rest of its training is `diffusion.training`'s.
public struct RegressionSettings: Equatable, Sendable {
    /// Optimiser steps on images.
    public var steps = 3000
    /// Optimiser steps on low-dim observations.
    public var stateSteps = 3000
    /// Whether regression is trained on images too; on low-dim observations it always is.
    public var images = false
    /// Whether regression in two steps is trained on images too; on low-dim observations it always is.
    public var twoStep = false

    public init() {}
}

extension RegressionSettings: SettingsGroup {
    public static var fields: [SettingsField<RegressionSettings>] {
        [
            SettingsField("steps", \.steps, .count(from: 1)), SettingsField("state_steps", \.stateSteps, .count(from: 1)),
            SettingsField("images", \.images), SettingsField("two_step", \.twoStep),
        ]
    }
}

/// Flow matching with the diffusion policy's network; the rest of its training is `diffusion.training`'s.
public struct FlowMatchingSettings: Equatable, Sendable {
    /// Numbers of s that training draws from, which the network is told as diffusion's timesteps.
    public var levels = 100
    /// Of Euler's method, from noise to actions.
    public var samplingSteps = 10
    /// Optimiser steps on images.
    public var steps = 6000
    /// Optimiser steps on low-dim observations.
    public var stateSteps = 6000
    /// Whether it is trained on images too; on low-dim observations it always is.
    public var images = false

    public init() {}

    var process: FlowMatchingProcess { FlowMatchingProcess(levels: levels, steps: samplingSteps) }
}

extension FlowMatchingSettings: SettingsGroup {
    public static var fields: [SettingsField<FlowMatchingSettings>] {
        [
            SettingsField("levels", \.levels, .within(1...10_000)), SettingsField("sampling_steps", \.samplingSteps, .count(from: 1)),
            SettingsField("steps", \.steps, .count(from: 1)), SettingsField("state_steps", \.stateSteps, .count(from: 1)),
            SettingsField("images", \.images),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard samplingSteps > levels else { return }
        throw origins.violation(path, "sampling_steps", expected: "at most flow_matching.levels = \(levels)", found: "\(samplingSteps)")
    }
}

/// ACT: a transformer that regresses the sequence; the rest of its training is `diffusion.training`'s.
public struct ActionChunkingSettings: Equatable, Sendable {
    public var transformer = TransformerConfiguration()
    /// Smaller than the other networks': a transformer normalised after its layers diverges at theirs.
    public var learningRate = 5e-4
    /// Optimiser steps on images.
    public var steps = 6000
    /// Optimiser steps on low-dim observations.
    public var stateSteps = 3000
    /// Whether it is trained on images too; on low-dim observations it always is.
    public var images = false

    public init() {}
}

extension ActionChunkingSettings: SettingsGroup {
    public static var fields: [SettingsField<ActionChunkingSettings>] {
        [
            SettingsField(group: "transformer", \.transformer),
            SettingsField("learning_rate", \.learningRate, .above(0)),
            SettingsField("steps", \.steps, .count(from: 1)), SettingsField("state_steps", \.stateSteps, .count(from: 1)),
            SettingsField("images", \.images),
        ]
    }
}

/// Policies on low-dim observations that include the task's state: they train in a fraction of the time of those on
/// images, so that seeds, twins and data sizes can be afforded.
public struct StateSettings: Equatable, Sendable {
    /// Low-dim keys in the policy's order; nil for the keys of `data.low_dim` and robomimic's `object`, where the file has it.
    public var lowDim: [String]?
    /// Their network; nil for `diffusion.unet`.
    public var unet: UnetConfiguration? = UnetConfiguration { ($0.downDims, $0.stepEmbedding) = ([32, 64, 128], 64) }
    /// Optimiser steps of a training on `data.split.train` demonstrations; other sizes get as many epochs.
    public var steps = 6000
    /// Of all low-dim policies; nil for `diffusion.training.learning_rate`.
    public var learningRate: Double? = 4e-3
    /// Trainings that differ in nothing but their seed.
    public var seeds = 3
    /// Further numbers of training demonstrations; each takes as many for reference.
    public var sizes = [2, 4, 8, 32]
    /// Divisions of the demonstrations into train, reference and query, the study's own among them; each has its twins.
    public var splits = 3
    /// Whether demonstrations from starts on a grid and from anywhere, with half the expert's noise and all of it, are learned too.
    public var spacing = true

    public init() {}
}

extension StateSettings: SettingsGroup {
    public static var fields: [SettingsField<StateSettings>] {
        [
            SettingsField("low_dim", \.lowDim, Rule.notEmpty.each(count: 1...64).ifPresent),
            SettingsField(group: "unet", \.unet),
            SettingsField("steps", \.steps, .count(from: 1)),
            SettingsField("learning_rate", \.learningRate, Rule.above(0).ifPresent),
            SettingsField("seeds", \.seeds, .within(1...100)),
            SettingsField("sizes", \.sizes, Rule.count(from: 2).each(count: 0...16)),
            SettingsField("splits", \.splits, .within(1...100)),
            SettingsField("spacing", \.spacing),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard Set(sizes).count != sizes.count else { return }
        throw origins.violation(path, "sizes", expected: "every number once", found: sizes.shown)
    }
}
