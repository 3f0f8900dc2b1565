/// Behaviour cloning by regression with the diffusion policy's network; the rest of its training is `diffusion.training`'s.
public struct RegressionSettings: Equatable, Sendable {
    /// Optimiser steps on images.
    public var steps = 1500
    /// Optimiser steps on low-dim observations.
    public var stateSteps = 1500

    public init() {}
}

extension RegressionSettings: SettingsGroup {
    static var fields: [SettingsField<RegressionSettings>] {
        [SettingsField("steps", \.steps, .atLeast(1)), SettingsField("state_steps", \.stateSteps, .atLeast(1))]
    }
}
