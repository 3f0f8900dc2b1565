import Basics

/// A named set of overrides in an experiment's file: `smoke: {diffusion.training.steps: 20}`.
struct Profile {
    let name: String
    /// Each value with its full key path, dotted in the file or nested.
    let values: [ConfigurationNode]

    static func all(in node: ConfigurationNode, file: String) throws -> [Profile] {
        if node.isNull { return [] }
        return try node.entries(of: "profile names").map { name, body in
            let values = body.isNull ? [] : try body.entries(of: "key.path: value").map { key, value in
                ConfigurationNode(
                    value.node, source: .profile(name, file: file),
                    path: key.split(separator: ".", omittingEmptySubsequences: false).map(String.init), line: value.line)
            }
            return Profile(name: name, values: values)
        }
    }

    /// - Throws: `Failure` (`usage`) naming the profiles there are.
    static func named(_ name: String, among profiles: [Profile], file: String) throws -> Profile {
        if let profile = profiles.first(where: { $0.name == name }) { return profile }
        let names = profiles.map(\.name)
        throw Failure(
            .usage, "the experiment has no profile '\(name)'", at: file,
            expected: names.isEmpty ? "a `profiles:` section" : "one of \(names.joined(separator: ", "))",
            remedy: names.isEmpty
                ? "add `profiles: {\(name): {diffusion.training.steps: 20}}` to the file"
                : Suggestion.sentence(for: name, among: names))
    }

    func apply(to settings: inout Settings, _ origins: inout SettingsOrigins) throws {
        for value in values { try settings.assign(value.path[...], value, &origins) }
    }
}
