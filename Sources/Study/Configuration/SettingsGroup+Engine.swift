import Basics
import Yams

extension SettingsGroup {
    /// Every key path below this group, groups included.
    static var keyPaths: [[String]] { fields.flatMap { $0.keyPaths() } }

    /// Reads `node` into the value named by `remaining`: the whole group when empty.
    /// - Throws: `Failure` (`data`) for an unknown key, a wrong type or a value out of range.
    mutating func assign(
        _ remaining: ArraySlice<String>, _ node: ConfigurationNode, _ origins: inout SettingsOrigins
    ) throws {
        if let key = remaining.first {
            let above = Array(node.path.dropLast(remaining.count))
            return try Self.field(key, above: above, node).assign(&self, remaining.dropFirst(), node, &origins)
        }
        origins.record(node)
        let names = Self.fields.map(\.key).joined(separator: ", ")
        for (key, value) in try node.entries(of: names) {
            try Self.field(key, above: node.path, value).assign(&self, [], value, &origins)
        }
    }

    private static func field(_ key: String, above: [String], _ node: ConfigurationNode) throws -> SettingsField<Self> {
        if let field = fields.first(where: { $0.key == key }) { return field }
        let names = fields.map(\.key)
        let nearest = Suggestion.keyPath(for: key, above: above, names: names)
        throw Failure(
            .data, "unknown key '\(key)'", at: node.location,
            expected: above.isEmpty
                ? "one of \(names.joined(separator: ", "))"
                : "a key of \(above.joined(separator: ".")): \(names.joined(separator: ", "))",
            found: (above + [key]).joined(separator: "."), remedy: nearest.map { "did you mean \($0)?" })
    }

    /// The rules between keys of this group and of all groups below.
    func validateAll(_ origins: SettingsOrigins, path: [String]) throws {
        for field in Self.fields { try field.validate(self, origins, path) }
        try validate(origins, path: path)
    }

    /// The resolved group, every key written out.
    var yaml: Node { Node(Self.fields.map { (Node($0.key), $0.encode(self)) }) }
}
