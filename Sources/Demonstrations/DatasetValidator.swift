import Basics

/// Checks everything in a robomimic file that a study relies on. One demonstration is in memory at a time.
public enum DatasetValidator {
    /// Reads the whole file.
    /// - Throws: `Failure` when there is nothing to check: no such file, no HDF5, no demonstrations. Everything
    ///   else becomes a finding.
    public static func validate(path: String) throws -> ValidationReport {
        let layout = try RobomimicLayout(reading: path)
        var audit = EpisodeAudit()
        for name in layout.names {
            do {
                try audit.check(layout.demonstration(name), name: name)
            } catch let failure as Failure {
                audit.add(.error, failure, path: path)
            }
        }
        audit.summarise()
        var findings = audit.findings
        func warn(_ location: String, _ message: String) {
            findings.append(.init(severity: .warning, location: location, message: message))
        }

        if let total = try layout.data.integer(attribute: "total"), total != audit.steps {
            warn("/data", "attribute total says \(total) steps; the actions have \(audit.steps)")
        }
        let environment = try layout.environment()
        if environment == nil {
            warn("/data", "no env_args: the environment is not known, so the task cannot be simulated")
        } else if !EnvironmentArguments(environment).isObject {
            warn("/data", "env_args is no JSON object")
        }
        for gap in numberingGaps(layout.names) { warn("/data", gap) }
        do {
            findings += try maskFindings(layout)
        } catch let failure as Failure {
            findings.append(EpisodeAudit.finding(.error, failure, path: path))
        }
        return ValidationReport(
            path: path, demonstrations: layout.names.count, steps: audit.steps, findings: findings)
    }

    /// `demo_3` and `demo_5` without `demo_4`. Numbering may start anywhere; other names are not numbered.
    private static func numberingGaps(_ names: [String]) -> [String] {
        let prefix = "demo_"
        let numbers = names.filter { $0.hasPrefix(prefix) }.compactMap { Int($0.dropFirst(prefix.count)) }.sorted()
        guard numbers.count == names.count, let first = numbers.first, let last = numbers.last else { return [] }
        let missing = last - first + 1 - Set(numbers).count
        guard missing > 0 else { return [] }
        let present = Set(numbers)
        let examples = (first...last).lazy.filter { !present.contains($0) }.prefix(8).map { "\(prefix)\($0)" }
        return ["numbering has gaps: \(missing) missing, for instance \(examples.joined(separator: ", "))"]
    }

    private static func maskFindings(_ layout: RobomimicLayout) throws -> [ValidationReport.Finding] {
        let known = Set(layout.names)
        var findings: [ValidationReport.Finding] = []
        func warn(_ key: String, _ message: String) {
            findings.append(.init(severity: .warning, location: "/mask/\(key)", message: message))
        }
        let masks = try layout.masks()
        for mask in masks {
            guard let names = mask.names else {
                findings.append(
                    .init(severity: .error, location: "/mask/\(mask.key)", message: "the mask does not hold names"))
                continue
            }
            if names.isEmpty { warn(mask.key, "the mask is empty") }
            let absent = names.filter { !known.contains($0) }
            if !absent.isEmpty {
                warn(mask.key, "the mask names absent demonstrations: \(RobomimicLayout.list(absent))")
            }
            if Set(names).count != names.count { warn(mask.key, "the mask names a demonstration twice") }
        }
        let train = masks.first { $0.key == "train" }?.names, valid = masks.first { $0.key == "valid" }?.names
        if let train, let valid {
            let shared = Set(train).intersection(valid).sorted(by: NaturalOrder.precedes)
            if !shared.isEmpty { warn("valid", "also in mask train: \(RobomimicLayout.list(shared))") }
        }
        return findings
    }
}

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
