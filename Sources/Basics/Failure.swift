import Foundation

/// An error a user can act on: what went wrong, where, what was expected and found, and what to do.
///
/// Everything that comes from a file, a configuration or the command line fails with this type; the
/// command line prints it and exits with `kind.exitCode`.
public struct Failure: Error, CustomStringConvertible, Sendable, Equatable {
    /// The exit codes of `sysexits.h` that the command line documents.
    public enum Kind: Sendable {
        /// Wrong arguments or flags.
        case usage
        /// Bad content of a data file or of a configuration.
        case data
        /// A file or folder that should be read does not exist.
        case inputMissing
        /// A training whose loss or weights are no longer numbers.
        case diverged
        /// A defect of this program: something that no input should bring about.
        case defect
        /// The output exists already or cannot be created.
        case cannotCreate
        /// Reading or writing failed, for instance because the disk is full.
        case inputOutput
        /// Stopped by a signal after saving; the run can be resumed.
        case interrupted

        public var exitCode: Int32 {
            switch self {
            case .usage: 64
            case .data: 65
            case .inputMissing: 66
            case .diverged, .defect: 70
            case .cannotCreate: 73
            case .inputOutput: 74
            case .interrupted: 75
            }
        }

        /// What an `errno` of creating a file or folder means: a full or failing disk, or a place that cannot be written.
        public static func creating(_ code: Int32) -> Kind {
            [ENOSPC, EDQUOT, EIO].contains(code) ? .inputOutput : .cannotCreate
        }
    }

    public var kind: Kind
    /// What went wrong, as a short sentence without a full stop.
    public var what: String
    /// File, line, dataset or key.
    public var location: String?
    public var expected: String?
    public var found: String?
    /// What the user can do about it.
    public var remedy: String?

    public init(
        _ kind: Kind, _ what: String, at location: String? = nil, expected: String? = nil,
        found: String? = nil, remedy: String? = nil
    ) {
        self.kind = kind
        self.what = what
        self.location = location
        self.expected = expected
        self.found = found
        self.remedy = remedy
    }

    public var description: String {
        var lines = [what]
        if let location { lines.append("  where:    \(location)") }
        if let expected { lines.append("  expected: \(expected)") }
        if let found { lines.append("  found:    \(found)") }
        if let remedy { lines.append("  to do:    \(remedy)") }
        return lines.joined(separator: "\n")
    }
}
