import Basics
import Compute
import Demonstrations
import Networks
import Policies
import PolicyFolders
import Store

/// The policy of an audit, opened: what it is shown, how its sequences lie about the current step, and how it is made. What is nil
/// the policy does not say, and the study's settings hold.
struct OpenedSubject: Sendable {
    let form: SubjectForm
    /// How it answers: "ddpm, 100 steps".
    let manner: String
    /// What decides its answers, by content.
    let identity: String
    /// Keys of the demonstrations' file, in the policy's order.
    var keys: ObservedKeys?
    var windows: WindowLayout?
    var actionDimension: Int?
    /// Side of the square of an image that its encoders see.
    var imageSize: Int?
    var actions: ActionUnits?
    /// Makes it. The sampler is nil for its own.
    let make: @Sendable (_ sampler: Sampling?, WorkerPool) throws -> any Policy

    /// The policy's own units of an action: normalised = raw * scale + offset.
    struct ActionUnits: Sendable {
        let scale, offset: [Float]
        /// Beyond this no action that the policy was trained on can lie, or hardly any: a little above 1 where a range became [-1, 1].
        let limit: Float

        static let limitOfRange: Float = 1.05
    }

    /// How a diffusion policy is sampled.
    struct Sampling: Sendable, Hashable {
        let kind: DenoisingProcess.Kind
        /// Nil for as many as the policy says.
        let steps: Int?
    }

    /// - Throws: `Failure` when there is no policy in the place, or it cannot be read.
    static func open(_ audit: AuditSettings) throws -> OpenedSubject {
        if isAnswers(audit.policy) { return try RecordedAnswers.open(audit) }
        let folder = try PolicyQuery(audit.policy).folder
        return try stored(folder, audit)
    }

    private static func isAnswers(_ place: String) -> Bool { ["hdf5", "h5"].contains(PathName.suffix(of: place)) }

    /// A policy that a run of this program wrote.
    private static func stored(_ folder: String, _ audit: AuditSettings) throws -> OpenedSubject {
        let own = try PolicyFolder.read(folder)
        guard audit.keys.isEmpty else {
            throw Failure(
                .data, "this policy names its keys itself", at: "audit.keys", expected: "no keys", found: audit.keys.shown, remedy: "leave audit.keys out")
        }
        @Sendable func sampled(_ sampling: Sampling?) throws -> any StoredPolicy {
            guard let kind = sampling?.kind ?? audit.sampler else { return try own.sampling(steps: sampling?.steps ?? audit.inferenceSteps) }
            return try own.sampling(by: kind).sampling(steps: sampling == nil ? audit.inferenceSteps : sampling?.steps)
        }
        let chosen = try sampled(nil), interface = chosen.interface
        var opened = OpenedSubject(
            form: own is StoredDiffusion ? .network : .table, manner: chosen.manner, identity: try PolicyFolder.contentHash(folder),
            make: { try sampled($0).policy(from: folder, pool: $1) })
        (opened.keys, opened.windows, opened.actionDimension) = (interface.observation, interface.windows, interface.actionDimension)
        opened.imageSize = interface.observation.cameras.isEmpty ? nil : interface.imageSize
        if let units = try (own as? StoredDiffusion)?.actionUnits(in: folder) {
            opened.actions = ActionUnits(scale: units.scale, offset: units.offset, limit: ActionUnits.limitOfRange)
        }
        return opened
    }
}
