import Basics

/// What a thing in the store is: its kind and everything it was made from.
public struct Identity: Hashable, Sendable {
    /// A kind of thing: a training, a table, a policy's answers.
    public struct Kind: Hashable, Sendable {
        /// Begins the names of its entries.
        public let name: String
        /// The files and folders of Sources whose code decides its numbers: other code makes another thing.
        public let code: [String]

        public init(_ name: String, code: [String]) {
            self.name = name
            self.code = code
        }
    }

    public let kind: Kind
    /// Without the program's code, which the store adds.
    public let fingerprint: Fingerprint

    public init(_ kind: Kind, _ fingerprint: Fingerprint) {
        self.kind = kind
        self.fingerprint = fingerprint
    }

    /// The fingerprint with the code that does the arithmetic, and the layout of the entry.
    func complete(_ program: ProgramIdentity) -> Fingerprint {
        var complete = fingerprint
        complete.add("arithmetic", text: program.arithmetic(of: kind.code))
        complete.add("entry layout", text: "1")
        return complete
    }
}

/// `entry.json`: what a finished entry is, what it was made from and by, and the SHA-256 of its files.
struct Manifest: Codable {
    struct File: Codable {
        var name: String
        var bytes: Int
        var sha256: String
    }

    var kind: String
    var fingerprint: Fingerprint
    var files: [File]
    var maker: Maker
}

/// Who made an entry, for the provenance of the runs that use it.
public struct Maker: Codable, Equatable, Sendable {
    /// Of the program; nil when it was not built from a git checkout.
    public var commit: String?
    public var dirty: Bool?
    public var processor: String
    public var start: String
    /// That the last process worked on it.
    public var seconds: Double
}
