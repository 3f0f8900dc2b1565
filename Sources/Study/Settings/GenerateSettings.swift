import Tabletop

/// How the embedded simulator makes demonstrations.
public struct GenerateSettings: Equatable, Sendable {
    /// A task of the embedded simulator.
    public var task = "lift"
    public var demonstrations = 60
    /// Seed of the simulator, apart from the study's seed: several studies may share one file.
    public var seed = 0

    public init() {}
}

extension GenerateSettings: SettingsGroup {
    static var fields: [SettingsField<GenerateSettings>] {
        [
            SettingsField("task", \.task, .notEmpty),
            SettingsField("demonstrations", \.demonstrations, .within(1...100_000)),
            SettingsField("seed", \.seed, .atLeast(0)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        let known = TabletopGenerator.tasks.map(\.name)
        guard !known.contains(task) else { return }
        throw origins.violation(
            path, "task", expected: "one of \(known.joined(separator: ", "))", found: task,
            remedy: Suggestion.sentence(for: task, among: known))
    }
}
