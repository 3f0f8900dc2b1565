/// The action sequences cut from demonstrations (Chi et al. 2023, section IV).
public struct WindowSettings: Equatable, Sendable {
    /// Actions predicted at once.
    public var horizon = 16
    /// Observations a policy sees, ending at the current frame.
    public var observationSteps = 2
    /// Actions executed before the next query, starting at the current frame.
    public var executedSteps = 8

    public init() {}
}

extension WindowSettings: SettingsGroup {
    static var fields: [SettingsField<WindowSettings>] {
        [
            SettingsField("horizon", \.horizon, .within(1...1024)),
            SettingsField("observation_steps", \.observationSteps, .within(1...64)),
            SettingsField("executed_steps", \.executedSteps, .within(1...1024)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        let most = horizon - observationSteps + 1
        guard executedSteps > most else { return }
        throw origins.violation(
            path, "executed_steps", expected: "at most horizon - observation_steps + 1 = \(most)", found: "\(executedSteps)")
    }
}
