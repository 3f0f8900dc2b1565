import Basics
import Yams

/// One `key.path=value` of the command line; the value is written as in YAML.
struct Override {
    let node: ConfigurationNode

    /// - Throws: `Failure` (`usage`) when the text has no key or its value is not YAML.
    init(_ text: String) throws {
        let malformed = Failure(
            .usage, "an override is malformed", at: "command line: \(text)",
            expected: "key.path=value, for instance diffusion.training.steps=1000", found: text)
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

    func apply(to settings: inout Settings, _ origins: inout SettingsOrigins) throws {
        try settings.assign(node.path[...], node, &origins)
    }
}
