/// One step of a study, done once for the same inputs.
public protocol Stage: Sendable {
    /// As in messages and marker files: "train-diffusion".
    var name: String { get }
    /// What the result depends on. Called after the stages before have finished.
    func fingerprint(_ context: StudyContext) throws -> Fingerprint
    /// Paths inside the run's folder that must be there for the stage to count as finished.
    func outputs(_ context: StudyContext) throws -> [String]
    /// Does the work. Checks `context.interruption` between steps and saves before throwing.
    /// - Throws: `Failure`; the run then ends with its exit code.
    func run(_ context: StudyContext) throws
}

extension Stage {
    public func outputs(_ context: StudyContext) throws -> [String] { [] }
}
