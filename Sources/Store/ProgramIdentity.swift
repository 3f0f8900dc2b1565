/// Which program works: the commit it was built from, and its code by folder.
public struct ProgramIdentity: Codable, Equatable, Sendable {
    /// Nil when it was not built from a git checkout.
    public let commit: String?
    /// Whether tracked files differed from the commit.
    public let isDirty: Bool?
    /// SHA-256 of the code of each file and folder of Sources ("Compute", "Basics/RandomSource.swift"), lines of comments left out.
    public let code: [String: String]
    /// The processor of the machine that built it; nil where it did not say.
    public let builtOn: String?

    public init(commit: String?, isDirty: Bool?, code: [String: String], builtOn: String? = nil) {
        self.commit = commit
        self.isDirty = isDirty
        self.code = code
        self.builtOn = builtOn
    }

    /// For tests, which compare what one and the same program does.
    public static let undisclosed = ProgramIdentity(commit: nil, isDirty: nil, code: [:])

    /// "abc1234, changed" or "not from a git checkout".
    public var description: String {
        guard let commit else { return "not built from a git checkout" }
        return commit + (isDirty == true ? ", with changes that were not committed" : "")
    }

    /// One text for the code of several files and folders.
    func arithmetic(of folders: [String]) -> String {
        folders.sorted().map { "\($0) \(code[$0] ?? "unknown")" }.joined(separator: "\n")
    }
}
