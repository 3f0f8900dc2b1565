/// How the diffusion policy is trained: AdamW, cosine schedule with warm-up, exponential moving average.
public struct DiffusionTrainingSettings: Equatable, Sendable {
    /// Optimiser steps.
    public var steps = 4000
    public var batchSize = 64
    public var learningRate = 1e-4
    /// Decay of AdamW's first and second moment.
    public var betas = [0.95, 0.999]
    public var weightDecay = 1e-6
    /// Steps over which the learning rate rises to its full value.
    public var warmupSteps = 500
    /// The average after n updates keeps 1 - (1 + n)^-power of its value, at most `emaMaximum`.
    public var emaPower = 0.75
    public var emaMaximum = 0.9999
    /// Largest global norm of the gradient; nil for no clipping.
    public var gradientClip: Double?
    /// Steps between checkpoints.
    public var checkpointEvery = 500
    /// Steps whose weights are kept and asked about too, so that the onset of memory shows (P12).
    public var auditedSteps: [Int] = []

    public init() {}
}

extension DiffusionTrainingSettings: SettingsGroup {
    static var fields: [SettingsField<DiffusionTrainingSettings>] {
        [
            SettingsField("steps", \.steps, .atLeast(1)),
            SettingsField("batch_size", \.batchSize, .within(1...65_536)),
            SettingsField("learning_rate", \.learningRate, .above(0)),
            SettingsField("betas", \.betas, Rule.between(0, below: 1).each(count: 2...2)),
            SettingsField("weight_decay", \.weightDecay, .atLeast(0)),
            SettingsField("warmup_steps", \.warmupSteps, .atLeast(0)),
            SettingsField("ema_power", \.emaPower, .above(0)),
            SettingsField("ema_maximum", \.emaMaximum, .between(0, below: 1)),
            SettingsField("gradient_clip", \.gradientClip, Rule.above(0).ifPresent),
            SettingsField("checkpoint_every", \.checkpointEvery, .atLeast(1)),
            SettingsField("audited_steps", \.auditedSteps, Rule.atLeast(1).each(count: 0...32)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard auditedSteps != auditedSteps.sorted() || Set(auditedSteps).count != auditedSteps.count || (auditedSteps.last ?? 0) >= steps
        else { return }
        throw origins.violation(
            path, "audited_steps", expected: "ascending numbers below steps = \(steps)", found: auditedSteps.shown)
    }
}
