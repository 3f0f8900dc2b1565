import Basics
import Yams

extension SettingsGroup {
    /// Every key path with its value as one line of text, in the order of the resolved configuration: what two configurations are
    /// compared by.
    public var lines: [(key: String, value: String)] { Self.lines(yaml, []) }

    private static func lines(_ node: Node, _ path: [String]) -> [(key: String, value: String)] {
        guard case .mapping(let mapping) = node else { return [(path.joined(separator: "."), text(node))] }
        return mapping.flatMap { key, value in lines(value, path + [key.string ?? ""]) }
    }

    private static func text(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): return scalar.string
        case .sequence(let sequence): return "[\(sequence.map(text).joined(separator: ", "))]"
        case .mapping(let mapping): return "{\(mapping.map { "\($0.key.string ?? ""): \(text($0.value))" }.joined(separator: ", "))}"
        case .alias: return ""
        }
    }
}

extension SettingsGroup {
    /// The resolved group as JSON, every key written out in the order of the fields: for programs that read no YAML. Every JSON text
    /// is YAML too, so that it reads back as a file of settings.
    public func resolvedJSON() -> String { Self.json(yaml, indent: "") + "\n" }

    private static func json(_ node: Node, indent: String) -> String {
        switch node {
        case .mapping(let mapping):
            let inner = indent + "  "
            let entries = mapping.map { "\(inner)\(JSONText.quoted($0.key.string ?? "")): \(json($0.value, indent: inner))" }
            return entries.isEmpty ? "{}" : "{\n\(entries.joined(separator: ",\n"))\n\(indent)}"
        case .sequence(let sequence): return "[\(sequence.map { json($0, indent: indent) }.joined(separator: ", "))]"
        case .scalar(let scalar):
            // Text that could be taken for something else is quoted in YAML as well.
            let isWord = ["true", "false", "null"].contains(scalar.string) || Double(scalar.string) != nil
            return isWord && scalar.style != .doubleQuoted ? scalar.string : JSONText.quoted(scalar.string)
        case .alias: return "null"
        }
    }
}
