/// `status.json`: what a run is doing, for people and for sweeps. Replaced atomically.
public struct RunStatus: Codable, Equatable, Sendable {
    public enum State: String, Codable, Sendable {
        case running, done, failed, interrupted
    }

    public var state: State
    /// The stage under way, or the one that failed or was interrupted.
    public var stage: String?
    /// Step within the stage and its last step, where the stage counts steps.
    public var step: Int?
    public var steps: Int?
    /// Set when the process has ended its work.
    public var exitCode: Int32?
    /// First line of the failure.
    public var message: String?

    public init(
        _ state: State, stage: String? = nil, step: Int? = nil, steps: Int? = nil, exitCode: Int32? = nil, message: String? = nil
    ) {
        self.state = state
        self.stage = stage
        self.step = step
        self.steps = steps
        self.exitCode = exitCode
        self.message = message
    }

    /// - Throws: `Failure` when a run has no readable `status.json`.
    public static func read(run path: String) throws -> RunStatus { try JSONFile.read(RunStatus.self, from: path + "/status.json") }
}
