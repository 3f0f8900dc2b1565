import Basics
import Yams

extension Settings {
    /// The fully resolved configuration; reading it gives equal settings.
    public func resolvedYAML() throws -> String {
        do {
            return try Yams.serialize(node: yaml, indent: 2, width: -1, allowUnicode: true)
        } catch let error as YamlError {
            throw error.failure(file: "resolved configuration")
        }
    }
}
