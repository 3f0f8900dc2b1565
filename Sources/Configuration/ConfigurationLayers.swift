import Basics
import Yams

/// A named set of overrides in a file: `smoke: {diffusion.training.steps: 20}`.
struct Profile {
    let name: String
    /// Each value with its full key path, dotted in the file or nested.
    let values: [ConfigurationNode]

    static func all(in node: ConfigurationNode, file: String) throws -> [Profile] {
        try all(in: node) { .profile($0, file: file) }
    }

    /// Those of every file of a kind.
    static func builtIn(of root: (some ConfigurationRoot).Type) throws -> [Profile] {
        guard let node = try Yams.compose(yaml: root.profiles) else { return [] }
        return try all(in: ConfigurationNode(node, source: .builtIn(""))) { .builtIn($0) }
    }

    private static func all(
        in node: ConfigurationNode, _ source: (_ name: String) -> ConfigurationNode.Source
    ) throws -> [Profile] {
        if node.isNull { return [] }
        return try node.entries(of: "profile names").map { name, body in
            let values = body.isNull ? [] : try body.entries(of: "key.path: value").map { key, value in
                ConfigurationNode(
                    value.node, source: source(name),
                    path: key.split(separator: ".", omittingEmptySubsequences: false).map(String.init), line: value.line)
            }
            return Profile(name: name, values: values)
        }
    }

    /// One of each name: what a later file says goes on top of an earlier one's.
    static func joined(_ profiles: [Profile]) -> [Profile] {
        var names: [String] = []
        for profile in profiles where !names.contains(profile.name) { names.append(profile.name) }
        return names.map { name in Profile(name: name, values: profiles.filter { $0.name == name }.flatMap(\.values)) }
    }

    /// - Throws: `Failure` (`usage`) naming the profiles there are.
    static func named(
        _ name: String, among profiles: [Profile], file: String, of root: (some ConfigurationRoot).Type
    ) throws -> Profile {
        if let profile = profiles.first(where: { $0.name == name }) { return profile }
        let names = profiles.map(\.name)
        throw Failure(
            .usage, "the \(root.name) has no profile '\(name)'", at: file,
            expected: names.isEmpty ? "a `profiles:` section" : "one of \(names.joined(separator: ", "))",
            remedy: names.isEmpty
                ? "add `profiles: {\(name): {\(root.profileExample)}}` to the file"
                : Suggestion.sentence(for: name, among: names))
    }

    func apply(to settings: inout some SettingsGroup, _ origins: inout SettingsOrigins) throws {
        for value in values { try settings.assign(value.path[...], value, &origins) }
    }
}

/// One `key.path=value` of the command line; the value is written as in YAML.
struct Override {
    let node: ConfigurationNode

    /// - Throws: `Failure` (`usage`) when the text has no key or its value is not YAML.
    init(_ text: String, of root: (some ConfigurationRoot).Type) throws {
        let malformed = Failure(
            .usage, "an override is malformed", at: "command line: \(text)",
            expected: "key.path=value, for instance \(root.overrideExample)", found: text)
        guard let equals = text.firstIndex(of: "=") else { throw malformed }
        let path = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard path.allSatisfy({ !$0.isEmpty }) else { throw malformed }
        do {
            // An empty value is YAML's null.
            let value = try Yams.compose(yaml: String(text[text.index(after: equals)...])) ?? Node("null", .implicit, .plain)
            node = ConfigurationNode(value, source: .commandLine(text), path: path)
        } catch is YamlError {
            throw malformed
        }
    }

    func apply(to settings: inout some SettingsGroup, _ origins: inout SettingsOrigins) throws {
        try settings.assign(node.path[...], node, &origins)
    }
}
