import Basics
import Yams

/// Settings under one key: a struct with defaults, declared once by its list of fields.
protocol SettingsGroup: Equatable, Sendable {
    /// The defaults.
    init()
    /// Every key, in the order in which the resolved configuration is written.
    static var fields: [SettingsField<Self>] { get }
    /// Rules between keys, checked after every layer has been applied.
    /// - Throws: `Failure` (`data`) made by `origins.violation`.
    func validate(_ origins: SettingsOrigins, path: [String]) throws
}

extension SettingsGroup {
    func validate(_ origins: SettingsOrigins, path: [String]) throws {}
}

/// One key of a `SettingsGroup`: how it is read, checked, written and searched.
struct SettingsField<Root: SettingsGroup> {
    let key: String
    /// Reads `node` into the value that `remaining` names below this key (this key itself when empty).
    let assign: (inout Root, ArraySlice<String>, ConfigurationNode, inout SettingsOrigins) throws -> Void
    let encode: (Root) -> Node
    let validate: (Root, SettingsOrigins, [String]) throws -> Void
    /// Key paths below this key; `[key]` for a plain value.
    let keyPaths: () -> [[String]]

    /// A plain value.
    init<Value: SettingsValue>(_ key: String, _ path: WritableKeyPath<Root, Value>, _ rule: Rule<Value> = .anything) {
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

    /// A nested group.
    init<Group: SettingsGroup>(group key: String, _ path: WritableKeyPath<Root, Group>) {
        self.key = key
        assign = { root, remaining, node, origins in
            try root[keyPath: path].assign(remaining, node, &origins)
        }
        encode = { $0[keyPath: path].yaml }
        validate = { root, origins, at in try root[keyPath: path].validateAll(origins, path: at + [key]) }
        keyPaths = { [[key]] + Group.keyPaths.map { [key] + $0 } }
    }

    /// A nested group that may be null.
    init<Group: SettingsGroup>(group key: String, _ path: WritableKeyPath<Root, Group?>) {
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
