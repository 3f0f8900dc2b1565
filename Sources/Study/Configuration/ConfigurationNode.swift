import Basics
import Yams

/// A YAML node together with where it was written, so that every complaint can name the place.
struct ConfigurationNode {
    enum Source {
        case file(String)
        case profile(String, file: String)
        case commandLine(String)
    }

    let node: Node
    let source: Source
    /// The keys from the root to this node.
    let path: [String]
    /// The line of the key, or of the value where the node has no key of its own. Lines start from 1.
    let line: Int?

    init(_ node: Node, source: Source, path: [String] = [], line: Int? = nil) {
        self.node = node
        self.source = source
        self.path = path
        self.line = line ?? node.mark?.line
    }

    var keyPath: String { path.joined(separator: ".") }

    /// `file:line, key a.b` or `command line: a.b=value`.
    var location: String {
        let key = path.isEmpty ? "" : ", key \(keyPath)"
        switch source {
        case .file(let file): return "\(file):\(line ?? 1)\(key)"
        case .profile(let name, let file): return "\(file):\(line ?? 1), profile \(name)\(key)"
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
    var plainText: String? {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return nil }
        return scalar.string
    }

    var isNull: Bool { plainText.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false }

    /// What stands here, for messages.
    var summary: String {
        switch node {
        case .scalar(let scalar):
            if isNull { return "null" }
            return plainText == nil ? "the text \"\(scalar.string)\"" : scalar.string
        case .mapping(let mapping): return "a mapping of \(mapping.count) keys"
        case .sequence(let sequence): return "a list of \(sequence.count)"
        case .alias: return "an alias"
        }
    }

    func wrongType(expected: String) -> Failure {
        Failure(.data, "\(path.last ?? "the file") has the wrong type", at: location, expected: expected, found: summary)
    }
}
