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
