import Basics

/// Where each value was written, so that a rule between keys can name the place as well.
public struct SettingsOrigins: Sendable {
    private var locations: [String: String] = [:]

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
    func violation(
        _ path: [String], _ key: String, _ what: String? = nil, expected: String, found: String, remedy: String? = nil
    ) -> Failure {
        Failure(
            .data, what ?? "\(key) does not fit the other settings", at: location(of: (path + [key]).joined(separator: ".")),
            expected: expected, found: found, remedy: remedy)
    }
}
