import Configuration

/// Closed loop: the policies let loose in the simulator that made the demonstrations.
public struct RolloutSettings: Equatable, Sendable {
    /// Episodes of every policy; the first so many starts, the same for all.
    public var starts = 100
    /// Episodes of the two policies that are compared first: the lookup table and the policy under study by its fast sampler.
    public var primaryStarts = 300
    /// Further starts from which these two act, compared with nothing: their successes set the thresholds of monitors. Where there
    /// are none, no monitor follows the episodes.
    public var referenceStarts = 50
    /// Starts of their own from which every variant of the lookup table acts before the study: `alt.variant: auto` is the one with the
    /// most successes. Where there are none, the one with the smallest error on the reference demonstrations.
    public var choiceStarts = 100
    /// Control steps after which an episode has failed; robomimic's limit for Lift is 400.
    public var steps = 400
    /// Policies by name, beside the two compared first; nil for all that can act; empty for no rollouts.
    public var policies: [String]?
    /// The object is moved at this control step, in the episodes that ask how a policy reacts.
    public var movedAt = 24
    /// Successes and failures, so many of each, that are drawn as filmstrips for each of the policies compared first.
    public var filmstrips = 2

    public init() {}
}

extension RolloutSettings: SettingsGroup {
    public static var fields: [SettingsField<RolloutSettings>] {
        [
            SettingsField("starts", \.starts, .within(1...100_000)),
            SettingsField("primary_starts", \.primaryStarts, .within(1...100_000)),
            SettingsField("reference_starts", \.referenceStarts, .within(0...100_000)),
            SettingsField("choice_starts", \.choiceStarts, .within(0...100_000)),
            SettingsField("steps", \.steps, .within(1...100_000)),
            SettingsField("policies", \.policies, Rule.notEmpty.each(count: 0...256).ifPresent),
            SettingsField("moved_at", \.movedAt, .within(1...100_000)),
            SettingsField("filmstrips", \.filmstrips, .within(0...100)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard primaryStarts < starts else { return }
        throw origins.violation(
            path, "primary_starts", expected: "at least rollouts.starts = \(starts)", found: "\(primaryStarts)")
    }
}
