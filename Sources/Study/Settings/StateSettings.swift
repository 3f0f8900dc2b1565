/// Policies on low-dim observations that include the task's state: they train in a fraction of the time of those on
/// images, so that seeds, twins and data sizes can be afforded.
public struct StateSettings: Equatable, Sendable {
    /// Low-dim keys in the policy's order; nil for the keys of `data.low_dim`.
    public var lowDim: [String]?
    /// Optimiser steps of a training on `data.split.train` demonstrations; other sizes get as many epochs.
    public var steps = 3000
    /// Trainings that differ in nothing but their seed.
    public var seeds = 3
    /// Further numbers of training demonstrations; each takes as many for reference.
    public var sizes: [Int] = []

    public init() {}
}

extension StateSettings: SettingsGroup {
    static var fields: [SettingsField<StateSettings>] {
        [
            SettingsField("low_dim", \.lowDim, Rule.notEmpty.each(count: 1...64).ifPresent),
            SettingsField("steps", \.steps, .atLeast(1)),
            SettingsField("seeds", \.seeds, .within(1...100)),
            SettingsField("sizes", \.sizes, Rule.atLeast(2).each(count: 0...16)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard Set(sizes).count != sizes.count else { return }
        throw origins.violation(path, "sizes", expected: "every number once", found: sizes.shown)
    }
}
