import Basics
import Compute
import Demonstrations
import Policies
import Probes
import Runs
import Store
import Synchronization

/// One study: its settings and what its stages share, made at first use and kept for the run: the demonstrations, the
/// conditions that are asked about, and one pool of threads.
public final class Study: Sendable {
    let settings: Settings
    let catalogue: Catalogue
    private let threads: Once<WorkerPool>
    private let kept = Mutex(Kept())
    /// Of the observations asked about, by condition and view.
    let conditionHashes = Mutex<[String: String]>([:])
    private let fingerprints = Mutex<[String: String]>([:])

    private struct Kept {
        var data: [ObservationView: [StudyPart: StudyData]] = [:]
        var pictures: PictureFiles?
        var conditions: [StudyPart: [QueryCondition]] = [:]
        var trained: [String: StoreEntry] = [:]
        var subject: OpenedSubject?
        var audited: [OpenedSubject.State: any Policy] = [:]
    }

    /// Whether the policy of an audit answers elsewhere and has not answered yet.
    private let isAsking: Bool

    /// Whether figures are drawn, or left as data and scripts.
    let drawsPictures: Bool

    init(_ settings: Settings, drawsPictures: Bool = true, isAsking: Bool = false) {
        self.settings = settings
        self.drawsPictures = drawsPictures
        self.isAsking = isAsking
        catalogue = Catalogue(settings)
        threads = Once { WorkerPool(workers: settings.workers) }
    }

    var pool: WorkerPool { threads.value }

    /// The demonstrations as a view shows them, divided for a part.
    /// - Throws: `Failure` when the file cannot be read or does not fit the settings.
    func data(
        _ run: RunContext, view: ObservationView = .images, part: StudyPart = .main
    ) throws -> StudyData {
        if let data = kept.withLock({ $0.data[view]?[part] }) { return data }
        let data =
            switch part {
            case .main: try load(settings, view, sha256: run.folder.configuration.dataHash, run)
            case .spacing(let cell): try spaced(cell, view, run)
            case .twin, .size, .split: try self.data(run, view: view).part(part)
            }
        kept.withLock { $0.data[view, default: [:]][part] = data }
        return data
    }

    private func load(_ settings: Settings, _ view: ObservationView, sha256: String, _ run: RunContext) throws -> StudyData {
        let meter = run.progress.start("loading demonstrations", total: 0)
        defer { meter.finish() }
        let subject = try subject()
        let data = try StudyData(settings, view: view, sha256: sha256, actions: subject?.actions) { done, _ in meter.update(done) }
        if view == .images, let subject, let audit = settings.audit { try data.check(subject, audit) }
        return data
    }

    /// The policy of an audit, opened once; nil in a study that trains its own, and where it answers elsewhere.
    func subject() throws -> OpenedSubject? {
        guard let audit = settings.audit, !isAsking else { return nil }
        if let subject = kept.withLock({ $0.subject }) { return subject }
        let subject = try OpenedSubject.open(settings, audit)
        kept.withLock { $0.subject = subject }
        return subject
    }

    /// Without cameras: low-dim policies alone are asked about them.
    private func spaced(_ cell: SpacingCell, _ view: ObservationView, _ run: RunContext) throws -> StudyData {
        let demonstrations = try SpacedDemonstrations(cell, settings).obtain(run)
        var own = settings
        (own.data.path, own.data.cameras, own.data.filterKey, own.data.demonstrations) = (demonstrations.path, [], nil, nil)
        return try load(own, view, sha256: demonstrations.sha256, run)
    }

    /// The parts whose demonstrations are there; a look at a study makes none.
    func partsThere(_ run: RunContext) throws -> [StudyPart] {
        try StudyPart.all(settings).filter { part in
            guard case .spacing(let cell) = part else { return true }
            return try SpacedDemonstrations(cell, settings).isMade(run)
        }
    }

    /// The policy of an audit, made once for each state.
    func audited(_ state: OpenedSubject.State, _ run: RunContext) throws -> any Policy {
        if let policy = kept.withLock({ $0.audited[state] }) { return policy }
        guard let audit = settings.audit else { throw Failure(.defect, "a study without an audit has no policy to audit") }
        let subject = try state.checkpoint.map { try OpenedSubject.open(settings, audit, checkpoint: $0) } ?? subject()
        guard let policy = try subject?.make(state.sampling, OpenedSubject.Asker(data: data(run), run: run, pool: pool)) else { throw Failure(.defect, "a policy that answers elsewhere was asked here", at: audit.policy) }
        kept.withLock { $0.audited[state] = policy }
        return policy
    }

    /// A finished training: from the store, or trained now.
    /// - Parameter pool: the threads that train; nil for the study's.
    func trained(_ training: PolicyTraining, _ run: RunContext, on pool: WorkerPool? = nil) throws -> StoreEntry {
        try kept(training.name, run) {
            try training.obtain(settings, data(run, view: training.view, part: training.part), pool ?? self.pool, run)
        }
    }

    /// - Parameter data: of the training's part.
    func trained(_ training: EncoderTraining, _ data: StudyData, _ run: RunContext) throws -> StoreEntry {
        try kept(training.name, run) { try training.obtain(data, pool, run) }
    }

    private func kept(_ name: String, _ run: RunContext, _ obtain: () throws -> StoreEntry) throws -> StoreEntry {
        if let entry = kept.withLock({ $0.trained[name] }) {
            run.uses(entry)
            return entry
        }
        let entry = try obtain()
        kept.withLock { $0.trained[name] = entry }
        return entry
    }

    /// The digest of a fingerprint that does not change in a run, made once.
    /// - Parameter name: of what it is the fingerprint of.
    func digest(_ name: String, _ fingerprint: () throws -> Fingerprint) throws -> String {
        if let digest = fingerprints.withLock({ $0[name] }) { return digest }
        let digest = try fingerprint().digest
        fingerprints.withLock { $0[name] = digest }
        return digest
    }

    /// The pictures and frames of other files that are asked about. Without cameras there are none.
    /// - Throws: `Failure` naming the file that cannot be read.
    func pictures(_ run: RunContext) throws -> PictureFiles {
        if let pictures = kept.withLock({ $0.pictures }) { return pictures }
        let pictures = try PictureFiles(settings, for: try data(run))
        kept.withLock { $0.pictures = pictures }
        return pictures
    }

    /// Every condition in the main part; in the others, which exist to be compared with it, only frames of the data and, of the
    /// twins, the animals.
    /// - Throws: `Failure` when a picture or a file of other frames cannot be read.
    func conditions(_ run: RunContext, _ part: StudyPart = .main) throws -> [QueryCondition] {
        if let conditions = kept.withLock({ $0.conditions[part] }) { return conditions }
        let data = try data(run, part: part)
        let conditions =
            switch part {
            case .main: try QueryConditions(data: data, settings: settings, files: try pictures(run)).all()
            case .twin: QueryConditions(data: data, settings: settings, files: try pictures(run)).ofTwins()
            case .size, .split, .spacing: QueryConditions(data: data, settings: settings, files: PictureFiles()).recorded()
            }
        kept.withLock { $0.conditions[part] = conditions }
        return conditions
    }

    /// The condition's observations as a view shows them; low-dim policies are asked about frames of the data alone.
    /// - Parameter part: whose condition it is.
    func observations(
        _ condition: QueryCondition, _ view: ObservationView, _ part: StudyPart, _ run: RunContext
    ) throws -> [Observation] {
        guard view == .state else { return condition.observations }
        if let observe = condition.observeState { return condition.frames.enumerated().map { observe($0, $1) } }
        let data = try data(run, view: .state, part: part)
        return condition.frames.map { data.set.observation($0, steps: data.layout.observationSteps) }
    }
}

/// The stages by their names in files and messages.
enum StageName {
    static let data = "data", pictures = "pictures", diffusion = "train-diffusion", controls = "train-controls"
    static let encoders = "train-alt", embed = "embed", policies = "policies", query = "query", rollouts = "rollouts", manifolds = "manifolds", probe = "probe", report = "report"
}
