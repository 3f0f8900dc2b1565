/// What `DatasetValidator` found in a file.
public struct ValidationReport: Sendable, Equatable, Codable {
    public enum Severity: String, Sendable, Equatable, Codable {
        /// The file, or that demonstration, cannot be used.
        case error
        /// Usable, but something a user should know.
        case warning
    }

    public struct Finding: Sendable, Equatable, Codable {
        public var severity: Severity
        /// Path inside the file, for instance `/data/demo_3/actions`.
        public var location: String
        public var message: String
        public init(severity: Severity, location: String, message: String) {
            self.severity = severity
            self.location = location
            self.message = message
        }
    }

    public var path: String
    public var demonstrations: Int
    /// Rows of actions of all demonstrations that have any.
    public var steps: Int
    public var findings: [Finding]

    public init(path: String, demonstrations: Int, steps: Int, findings: [Finding]) {
        self.path = path
        self.demonstrations = demonstrations
        self.steps = steps
        self.findings = findings
    }

    public var errorCount: Int { findings.count { $0.severity == .error } }
    public var warningCount: Int { findings.count { $0.severity == .warning } }
    /// No errors; warnings are allowed.
    public var isValid: Bool { errorCount == 0 }

    /// Errors first; findings with the same message share a line.
    public var text: String {
        var lines: [String] = []
        for severity in [Severity.error, .warning] {
            var locations: [String: [String]] = [:]
            var order: [String] = []
            for finding in findings where finding.severity == severity {
                if locations[finding.message] == nil { order.append(finding.message) }
                locations[finding.message, default: []].append(finding.location)
            }
            for message in order {
                lines.append("\(severity.rawValue): \(message)\n  in \(RobomimicLayout.list(locations[message] ?? []))")
            }
        }
        let verdict = isValid ? "valid" : "not valid"
        lines.append(
            "\(path): \(verdict); \(demonstrations) demonstrations, \(steps) steps, \(errorCount) errors, "
                + "\(warningCount) warnings")
        return lines.joined(separator: "\n") + "\n"
    }
}
