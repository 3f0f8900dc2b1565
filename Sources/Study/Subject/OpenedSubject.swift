import Basics
import Compute
import Demonstrations
import Foundation
import Networks
import Policies
import PolicyFolders
import PolicyServers
import Runs
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
    /// Steps of its training; nil where no file tells.
    var trainingSteps: Int?
    /// By which it answers; nil where it does not denoise here.
    var process: DenoisingProcess?
    /// Side of the square of an image that its encoders see.
    var imageSize: Int?
    var actions: AuditedActions?
    /// Makes it. The sampler is nil for its own.
    let make: @Sendable (_ sampler: Sampling?, Asker) throws -> any Policy

    /// Who asks it.
    struct Asker {
        let data: StudyData
        let run: RunContext
        let pool: WorkerPool
    }

    /// How a diffusion policy is sampled.
    struct Sampling: Sendable, Hashable {
        let kind: DenoisingProcess.Kind
        /// Nil for as many as the policy says.
        let steps: Int?
    }

    /// One state of the audited training under one sampler.
    struct State: Sendable, Hashable {
        /// A place among `audit.checkpoints`; nil for the policy itself.
        var checkpoint: String?
        /// Nil for its own.
        var sampling: Sampling?
    }

    /// - Parameter checkpoint: a place among `audit.checkpoints`; nil for the policy itself
    /// - Throws: `Failure` when there is no policy in the place, or it cannot be read.
    static func open(_ settings: Settings, _ audit: AuditSettings, checkpoint: String? = nil) throws -> OpenedSubject {
        let place = checkpoint ?? audit.policy
        if AuditSettings.isAnswers(place) { return try RecordedAnswers.open(audit) }
        if ServerAddress.isMeant(by: place) { return try served(ServerAddress(place), settings, audit) }
        // lerobot writes `pretrained_model` into the folder of a checkpoint.
        if let folder = [place, "\(place)/pretrained_model"].first(where: LeRobotFolder.isOne) { return try leRobot(folder, settings, audit) }
        return try stored(PolicyQuery(place).folder, audit)
    }

    /// A diffusion policy that lerobot trained.
    private static func leRobot(_ folder: String, _ settings: Settings, _ audit: AuditSettings) throws -> OpenedSubject {
        let own = try LeRobotFolder.read(folder)
        let inputs = own.cameras.map { FeatureKeys.Input(name: $0.feature, shape: [$0.height, $0.width, 3]) }
            + own.lowDim.map { FeatureKeys.Input(name: $0.feature, shape: [$0.width]) }
        let chosen = (kind: audit.sampler ?? own.sampler.kind, steps: audit.inferenceSteps), process = try own.process(sampler: chosen)
        var opened = OpenedSubject(
            form: .network, manner: "lerobot, \(process.kind.rawValue), \(process.timesteps.count) steps", identity: try own.contentHash(),
            make: { sampling, asker in try own.policy(sampler: sampling.map { ($0.kind, $0.steps) } ?? chosen, pool: asker.pool) })
        opened.keys = try FeatureKeys(settings.data.path).observed(inputs, pairings: audit.pairings)
        (opened.windows, opened.actionDimension, opened.process) = (own.windows, own.actionDimension, process)
        opened.trainingSteps = own.trainingSteps
        // The lookup table beside it sees no more than the network does.
        opened.imageSize = own.cameras.flatMap { [$0.height, $0.width] }.min().map { min($0, settings.image.crop) }
        opened.actions = AuditedActions(normalizer: own.normalizer, limit: own.actionLimit)
        return opened
    }

    /// Steps of DDIM of its second sampler.
    /// - Parameter asked: at most these
    /// - Returns: nil where there is none: for a policy that does not denoise here, or that answers by as few such steps itself.
    func fastSteps(_ asked: Int?) -> Int? {
        guard let asked, let process, process.kind != .ddim || process.timesteps.count > asked else { return nil }
        return min(asked, process.levels)
    }

    /// The policy, and a hash over it and all its checkpoints.
    /// - Throws: `Failure` also where a checkpoint is of another policy.
    static func openAll(_ settings: Settings, _ audit: AuditSettings) throws -> (subject: OpenedSubject, identity: String) {
        let subject = try open(settings, audit)
        let earlier = try audit.checkpoints.map { place in
            let other = try open(settings, audit, checkpoint: place)
            guard other.keys == subject.keys, other.windows == subject.windows, other.manner == subject.manner, other.form == subject.form else {
                throw Failure(
                    .data, "a checkpoint is of another policy", at: place, expected: "what \(audit.policy) observes and answers, \(subject.manner)",
                    found: "other inputs, another horizon or another sampler", remedy: "audit checkpoints of one training together")
            }
            return other.identity
        }
        return (subject, earlier.isEmpty ? subject.identity : FileHash.sha256(text: ([subject.identity] + earlier).joined(separator: " ")))
    }

    /// A policy behind a server, which says of itself what it wants to.
    private static func served(_ address: ServerAddress, _ settings: Settings, _ audit: AuditSettings) throws -> OpenedSubject {
        let connection = try PolicyConnection(to: address, audit.served.connection)
        defer { connection.close() }
        let published = PublishedPolicy(connection.metadata)
        let said = FileHash.sha256(Data(connection.metadata.encoded()))
        var opened = OpenedSubject(
            form: .served, manner: "served at \(address)", identity: FileHash.sha256(text: "\(address) \(said) \(audit.version) \(try audit.served.resolvedYAML()) \(audit.served.keys.shown)"),
            make: { sampling, asker in
                guard sampling == nil else { throw Failure(.defect, "a server has no sampler to choose", at: "\(address)") }
                let (log, interruption, set) = (asker.run.log, asker.run.interruption, asker.data.set)
                return try ServedPolicy(
                    PolicyConnection(to: address, audit.served.connection, log: { log.warning("\($0)") }, isInterrupted: { interruption.requested }),
                    audit.served, cameras: set.cameras, lowDimKeys: set.lowDimKeys, actionDimension: set.actionDimension, layout: asker.data.layout)
            })
        (opened.windows, opened.actionDimension) = (audit.served.windows(settings.windows, of: published), published.actionDimension)
        return opened
    }

    /// A policy that a run of this program wrote.
    private static func stored(_ folder: String, _ audit: AuditSettings) throws -> OpenedSubject {
        let own = try PolicyFolder.read(folder)
        guard audit.served.keys.sent.isEmpty else {
            throw Failure(
                .data, "this policy names its keys itself", at: "audit.keys", expected: "no keys", found: audit.served.keys.shown, remedy: "leave audit.keys out")
        }
        @Sendable func sampled(_ sampling: Sampling?) throws -> any StoredPolicy {
            guard let kind = sampling?.kind ?? audit.sampler else { return try own.sampling(steps: sampling?.steps ?? audit.inferenceSteps) }
            return try own.sampling(by: kind).sampling(steps: sampling == nil ? audit.inferenceSteps : sampling?.steps)
        }
        let chosen = try sampled(nil), interface = chosen.interface
        var opened = OpenedSubject(
            form: own is StoredDiffusion ? .network : .table, manner: chosen.manner, identity: try PolicyFolder.contentHash(folder),
            make: { try sampled($0).policy(from: folder, pool: $1.pool) })
        (opened.keys, opened.windows, opened.actionDimension) = (interface.observation, interface.windows, interface.actionDimension)
        opened.process = (chosen as? StoredDiffusion)?.process
        opened.imageSize = interface.observation.cameras.isEmpty ? nil : interface.imageSize
        if let units = try (own as? StoredDiffusion)?.actionUnits(in: folder) {
            opened.actions = AuditedActions(
                normalizer: Normalizer(actionScale: units.scale, actionOffset: units.offset, lowDimScale: [], lowDimOffset: []), limit: AuditedActions.limitOfRange)
        }
        return opened
    }
}

extension AuditSettings {
    /// By which a diffusion policy is asked a second time.
    var fastSampling: OpenedSubject.Sampling? { fastSteps.map { OpenedSubject.Sampling(kind: .ddim, steps: $0) } }
}
