import Configuration

extension TabletopGenerator {
    /// Which demonstrations the embedded simulator makes.
    public struct Configuration: Equatable, Sendable {
        /// A task of the embedded simulator.
        public var task = "lift"
        public var demonstrations = 60
        /// Seed of the simulator, apart from a study's seed: several studies may share one file.
        public var seed = 0

        public init() {}
    }
}

extension TabletopGenerator.Configuration: SettingsGroup {
    public static var fields: [SettingsField<TabletopGenerator.Configuration>] {
        [
            SettingsField("task", \.task, .notEmpty),
            SettingsField("demonstrations", \.demonstrations, .within(1...100_000)),
            SettingsField("seed", \.seed, .atLeast(0)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        let known = TabletopGenerator.tasks.map(\.name)
        guard !known.contains(task) else { return }
        throw origins.violation(
            path, "task", expected: "one of \(known.joined(separator: ", "))", found: task,
            remedy: Suggestion.sentence(for: task, among: known))
    }
}
