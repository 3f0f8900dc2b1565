import Basics
import Yams

/// Settings under one key: a struct with defaults, declared once by its list of fields.
public protocol SettingsGroup: Equatable, Sendable {
    /// The defaults.
    init()
    /// Every key, in the order in which the resolved configuration is written.
    static var fields: [SettingsField<Self>] { get }
    /// Rules between keys, checked after every layer has been applied.
    /// - Throws: `Failure` (`data`) made by `origins.violation`.
    func validate(_ origins: SettingsOrigins, path: [String]) throws
}

extension SettingsGroup {
    /// The defaults with changes: `UnetConfiguration { $0.kernelSize = 3 }`.
    public init(_ change: (inout Self) -> Void) {
        self.init()
        change(&self)
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {}
}

/// One key of a `SettingsGroup`: how it is read, checked, written and searched.
public struct SettingsField<Root: SettingsGroup> {
    public let key: String
    /// Reads `node` into the value that `remaining` names below this key (this key itself when empty).
    let assign: (inout Root, ArraySlice<String>, ConfigurationNode, inout SettingsOrigins) throws -> Void
    let encode: (Root) -> Node
    let validate: (Root, SettingsOrigins, [String]) throws -> Void
    /// Key paths below this key; `[key]` for a plain value.
    let keyPaths: () -> [[String]]

    /// A plain value.
    public init<Value: SettingsValue>(_ key: String, _ path: WritableKeyPath<Root, Value>, _ rule: Rule<Value> = .anything) {
        self.key = key
        assign = { root, remaining, node, origins in
            if let next = remaining.first {
                throw Failure(
                    .data, "\(key) is a single value and has no key '\(next)'", at: node.location,
                    expected: "\(key) to be \(Value.form)", found: node.keyPath)
            }
            let value = try Value.decode(node)
            guard rule.accepts(value) else {
                throw Failure(
                    .data, "\(key) is out of range", at: node.location, expected: rule.expectation, found: value.shown)
            }
            root[keyPath: path] = value
            origins.record(node)
        }
        encode = { $0[keyPath: path].yaml }
        validate = { _, _, _ in }
        keyPaths = { [[key]] }
    }

    /// A key of a group that lies within another one and has its keys there.
    public init<Group: SettingsGroup>(_ field: SettingsField<Group>, of path: WritableKeyPath<Root, Group>) {
        key = field.key
        assign = { root, remaining, node, origins in try field.assign(&root[keyPath: path], remaining, node, &origins) }
        encode = { field.encode($0[keyPath: path]) }
        validate = { root, origins, at in try field.validate(root[keyPath: path], origins, at) }
        keyPaths = field.keyPaths
    }

    /// A nested group.
    public init<Group: SettingsGroup>(group key: String, _ path: WritableKeyPath<Root, Group>) {
        self.key = key
        assign = { root, remaining, node, origins in
            try root[keyPath: path].assign(remaining, node, &origins)
        }
        encode = { $0[keyPath: path].yaml }
        validate = { root, origins, at in try root[keyPath: path].validateAll(origins, path: at + [key]) }
        keyPaths = { [[key]] + Group.keyPaths.map { [key] + $0 } }
    }

    /// A nested group that may be null.
    public init<Group: SettingsGroup>(group key: String, _ path: WritableKeyPath<Root, Group?>) {
        self.key = key
        assign = { root, remaining, node, origins in
            if remaining.isEmpty && node.isNull {
                root[keyPath: path] = nil
                return origins.record(node)
            }
            var group = root[keyPath: path] ?? Group()
            try group.assign(remaining, node, &origins)
            root[keyPath: path] = group
        }
        encode = { $0[keyPath: path]?.yaml ?? Node("null") }
        validate = { root, origins, at in try root[keyPath: path]?.validateAll(origins, path: at + [key]) }
        keyPaths = { [[key]] + Group.keyPaths.map { [key] + $0 } }
    }
}

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
            return try Self.field(key, above: above, node, origins).assign(&self, remaining.dropFirst(), node, &origins)
        }
        origins.record(node)
        let names = Self.fields.map(\.key).joined(separator: ", ")
        for (key, value) in try node.entries(of: names) {
            try Self.field(key, above: node.path, value, origins).assign(&self, [], value, &origins)
        }
    }

    private static func field(
        _ key: String, above: [String], _ node: ConfigurationNode, _ origins: SettingsOrigins
    ) throws -> SettingsField<Self> {
        if let field = fields.first(where: { $0.key == key }) { return field }
        let names = fields.map(\.key)
        let nearest = Suggestion.keyPath(for: key, above: above, names: names, among: origins.keyPaths)
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

    /// The resolved group, every key written out; reading it gives equal settings.
    public func resolvedYAML() throws -> String {
        do {
            return try Yams.serialize(node: yaml, indent: 2, width: -1, allowUnicode: true)
        } catch let error as YamlError {
            throw error.failure(file: "resolved configuration")
        }
    }
}
