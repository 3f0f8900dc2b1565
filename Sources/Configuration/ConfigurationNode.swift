import Basics
import Yams

/// A YAML node together with where it was written, so that every complaint can name the place.
public struct ConfigurationNode {
    public enum Source {
        case file(String)
        case profile(String, file: String)
        /// A profile that every file has.
        case builtIn(String)
        case commandLine(String)
    }

    public let node: Node
    public let source: Source
    /// The keys from the root to this node.
    public let path: [String]
    /// The line of the key, or of the value where the node has no key of its own. Lines start from 1.
    public let line: Int?

    public init(_ node: Node, source: Source, path: [String] = [], line: Int? = nil) {
        self.node = node
        self.source = source
        self.path = path
        self.line = line ?? node.mark?.line
    }

    public var keyPath: String { path.joined(separator: ".") }

    /// `file:line, key a.b` or `command line: a.b=value`.
    public var location: String {
        let key = path.isEmpty ? "" : ", key \(keyPath)"
        switch source {
        case .file(let file): return "\(file):\(line ?? 1)\(key)"
        case .profile(let name, let file): return "\(file):\(line ?? 1), profile \(name)\(key)"
        case .builtIn(let name): return "profile \(name)\(key)"
        case .commandLine(let text): return "command line: \(text)"
        }
    }

    /// The entries of a mapping in the order of the file, each with its own line.
    func entries(of what: String) throws -> [(key: String, value: ConfigurationNode)] {
        guard case .mapping(let mapping) = node else { throw wrongType(expected: "a mapping of \(what)") }
        return try mapping.map { key, value in
            guard case .scalar(let scalar) = key else {
                throw Failure(
                    .data, "a key is not plain text", at: location, expected: "a key of \(what)",
                    found: ConfigurationNode(key, source: source).summary)
            }
            let child = ConfigurationNode(
                value, source: source, path: path + [scalar.string], line: key.mark?.line)
            return (scalar.string, child)
        }
    }

    func element(_ index: Int, _ value: Node) -> ConfigurationNode {
        ConfigurationNode(value, source: source, path: path.dropLast() + ["\(path.last ?? "")[\(index)]"], line: value.mark?.line)
    }

    /// The text of an unquoted scalar: the only form in which numbers, booleans and null are read.
    public var plainText: String? {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return nil }
        return scalar.string
    }

    public var isNull: Bool { plainText.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false }

    /// What stands here, for messages.
    public var summary: String {
        switch node {
        case .scalar(let scalar):
            if isNull { return "null" }
            return plainText == nil ? "the text \"\(scalar.string)\"" : scalar.string
        case .mapping(let mapping): return "a mapping of \(mapping.count) keys"
        case .sequence(let sequence): return "a list of \(sequence.count)"
        case .alias: return "an alias"
        }
    }

    public func wrongType(expected: String) -> Failure {
        Failure(.data, "\(path.last ?? "the file") has the wrong type", at: location, expected: expected, found: summary)
    }
}

/// Where each value was written, so that a rule between keys can name the place as well.
public struct SettingsOrigins: Sendable {
    /// Every key path of the file's root, searched when a key is unknown.
    let keyPaths: [[String]]
    private var locations: [String: String] = [:]

    public init(of root: (some SettingsGroup).Type) { keyPaths = root.keyPaths }

    mutating func record(_ node: ConfigurationNode) { locations[node.keyPath] = node.location }

    /// Where the value of a key was written: its own line, that of the nearest group above, or the defaults.
    public func location(of keyPath: String) -> String {
        var keys = keyPath.split(separator: ".")
        while true {
            if let location = locations[keys.joined(separator: ".")] {
                return location.contains(keyPath) ? location : "\(location) (default of \(keyPath))"
            }
            if keys.isEmpty { return "\(keyPath) (default)" }
            keys.removeLast()
        }
    }

    /// A broken rule between keys, at the place of `key` below `path`.
    public func violation(
        _ path: [String], _ key: String, _ what: String? = nil, expected: String, found: String, remedy: String? = nil
    ) -> Failure {
        Failure(
            .data, what ?? "\(key) does not fit the other settings", at: location(of: (path + [key]).joined(separator: ".")),
            expected: expected, found: found, remedy: remedy)
    }
}

extension YamlError {
    /// The library's error with file and line.
    func failure(file: String) -> Failure {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return Failure(
                .data, "not valid YAML", at: "\(file):\(mark.line):\(mark.column)", found: problem,
                remedy: "check indentation, colons and brackets around this line")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return Failure(
                .data, "a key is written twice", at: "\(file):\(context.mark.line)", expected: "every key once",
                found: duplicates.sorted().joined(separator: ", "), remedy: "remove one of them")
        default:
            return Failure(.data, "not valid YAML", at: file, found: description)
        }
    }
}
