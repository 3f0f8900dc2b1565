import Basics
import Demonstrations
import Networks
import Policies
import PolicyFolders
import PolicyServers
import Probes
import Rollouts
import Runs
import Store

/// A policy as it is offered to simulators and robots: one of a run by its name in the tables, or one in a folder of its own.
public struct PolicyOffer {
    /// A run's folder, a policy's, or lerobot's `pretrained_model`.
    public var place: String
    /// Of a run: the policy's name; nil for the policy under study by its fast sampler, or by its own where it has no other.
    public var policy: String?
    /// Of a run: the kept checkpoint of the policy under study after so many steps.
    public var checkpoint: Int?
    /// Of a policy in a folder; nil for its own.
    public var sampler: DenoisingProcess.Kind?
    /// Of the draws of requests that name no seed; nil for those of the run's rollouts, or of seed 0.
    public var seed: Int?
    /// Whether replies also say what the monitors score; of a run alone.
    public var monitors = false
    /// Threads; answers do not depend on it.
    public var workers = 2

    public init(place: String) { self.place = place }

    /// Opens the policy. Nothing is trained or written.
    /// - Throws: `Failure`: `inputMissing` where the place has no such policy, or the run has not made it yet.
    public func service(program: ProgramIdentity, console: Console, interruption: Interruption) throws -> PolicyService {
        if FileSystem.exists("\(place)/\(RunRecord.fileName)") { return try ofRun(program, console, interruption) }
        for (option, isGiven) in [("--policy", policy != nil), ("--checkpoint", checkpoint != nil), ("--monitors", monitors)] where isGiven {
            throw Failure(
                .usage, "\(option) is for the policies of a run", at: place, expected: "a run's folder", found: "a folder without a \(RunRecord.fileName)",
                remedy: "name the run, or leave \(option) out")
        }
        // lerobot writes `pretrained_model` into the folder of a checkpoint.
        if let folder = [place, "\(place)/pretrained_model"].first(where: LeRobotFolder.isOne) { return try ofLeRobot(folder) }
        return try ofFolder(PolicyQuery(place, sampler: sampler))
    }

    private var root: Seed { Seed(UInt64(seed ?? 0)) }
    private var pool: WorkerPool { WorkerPool(workers: workers) }

    /// A policy that a run of this program wrote, away from it.
    private func ofFolder(_ query: PolicyQuery) throws -> PolicyService {
        let interface = query.stored.interface, keys = interface.observation
        return PolicyService(
            query.stored.manner, try query.stored.policy(from: query.folder, pool: pool), cameras: keys.sizedCameras, lowDimKeys: keys.sizedLowDim,
            actionDimension: interface.actionDimension, layout: interface.windows, demonstrations: query.stored.demonstrations, root: root, episodes: Self.episodes(root))
    }

    /// A diffusion policy that lerobot trained, asked under its features' names: pictures upright, uint8 [H, W, 3].
    private func ofLeRobot(_ folder: String) throws -> PolicyService {
        let own = try LeRobotFolder.read(folder)
        return PolicyService(
            own.manner, try own.policy(sampler: sampler.map { ($0, nil) }, pool: pool),
            cameras: own.cameras.map { Camera(key: $0.feature, height: $0.height, width: $0.width) },
            lowDimKeys: own.lowDim.map { LowDimKey(key: $0.feature, width: $0.width) }, actionDimension: own.actionDimension, layout: own.windows,
            root: root, episodes: Self.episodes(root))
    }

    private func ofRun(_ program: ProgramIdentity, _ console: Console, _ interruption: Interruption) throws -> PolicyService {
        guard sampler == nil else {
            throw Failure(
                .usage, "a run's policies have their samplers in their names", at: place, expected: "no --sampler", found: "--sampler",
                remedy: "choose with --policy, for instance --policy \(Catalogue.sampler)")
        }
        let opened = try OpenedRun(place, workers: workers, program: program, console: console, interruption: interruption)
        let (study, run, configuration, settings) = (opened.study, opened.run, opened.configuration, opened.study.settings)
        let maker = PolicyMaker(study: study, run: run), asked = AskedPolicies(maker)
        let entry = try entry(among: asked.able()), data = try study.data(run, view: entry.view)
        let policy = try asked.policy(entry), root = seed.map { Seed(UInt64($0)) } ?? settings.root / "rollouts"
        var service = PolicyService(
            entry.id.name, policy, cameras: data.set.cameras, lowDimKeys: data.set.lowDimKeys, actionDimension: data.set.actionDimension,
            layout: data.layout, demonstrations: data.set.episodes.map(\.name), root: root, episodes: Self.episodes(root))
        service.about = [
            ("label", .string(entry.id.label)), ("family", .string(entry.family)), ("experiment", .string(settings.experiment)),
            ("program", program.commit.map { .string($0) } ?? .null),
            ("configuration", .string(configuration.hash)), ("data_sha256", .string(configuration.dataHash)), ("seed", .integer(Int64(settings.seed))),
            ("training_seed", .integer(Int64(entry.training?(.main).seedNumber ?? 0))),
            ("train_demonstrations", .array(data.split.train.map { .string(data.set.episodes[$0].name) })),
        ]
        if let objects = try Self.objects(data, study, run) { service.about.append(("training_objects", objects.value)) }
        service.recall = try TrainingRecall(data, pool: pool).frames
        if monitors { try judge(&service, data, entry, maker) }
        return service
    }

    /// Where the object lay at the start of each training demonstration, [n, 3]; nil where the file does not say.
    private static func objects(_ data: StudyData, _ study: Study, _ run: RunContext) throws -> NumpyArray? {
        let set = try study.data(run, view: .state).set
        var first = 0
        for key in set.lowDimKeys {
            guard key.key == "object", key.width >= 3 else {
                first += key.width
                continue
            }
            let places = data.split.train.flatMap { Array(set.lowDim(FrameReference(demonstration: $0, frame: 0)))[first..<first + 3] }
            return NumpyArray(places, shape: [data.split.train.count, 3])
        }
        return nil
    }

    /// What the monitors score, of policies that observe what the monitors do.
    private func judge(_ service: inout PolicyService, _ data: StudyData, _ entry: CatalogueEntry, _ maker: PolicyMaker) throws {
        guard entry.view == .images else { return }
        let monitors = try EpisodeMonitors(maker, nil), normalizer = data.normalizer
        service.monitors = PolicyService.Monitors { moments in
            try monitors.scores(
                moments.map(\.observation),
                planned: moments.map { (now: normalizer.normalizeActions($0.planned), before: $0.before.map(normalizer.normalizeActions)) }, seeds: moments.map(\.seed))
        }
    }

    /// The entry that is meant, of those that these data allow.
    private func entry(among able: [CatalogueEntry]) throws -> CatalogueEntry {
        if let checkpoint {
            let kept = able.filter { $0.id.role == .checkpoint }
            guard policy == nil || policy == kept.first?.family else {
                throw Failure(
                    .usage, "checkpoints are kept of the policy under study alone", at: place, expected: "no --policy beside --checkpoint",
                    found: "--policy \(policy ?? "")", remedy: "leave --policy out")
            }
            if let entry = kept.first(where: { $0.steps == checkpoint }) { return entry }
            throw Failure(
                .inputMissing, "no such checkpoint was kept", at: place, expected: kept.isEmpty ? "none was kept" : kept.compactMap { $0.steps.map(String.init) }.joined(separator: ", "),
                found: "\(checkpoint)", remedy: "diffusion.training.audited_steps says which are kept")
        }
        let acting = able.filter { !$0.acts.isEmpty && !$0.needsSimulator }
        guard let policy else {
            if let entry = acting.first(where: { $0.id.role == .sampler }) ?? acting.first(where: { $0.id.role == .subject }) { return entry }
            throw Failure(.inputMissing, "this run has no policy that acts", at: place, remedy: "name one in a folder of its own")
        }
        if let entry = acting.first(where: { $0.id.name == policy }) { return entry }
        throw Failure(
            .inputMissing, "the run has no such policy that acts", at: place, expected: acting.map(\.id.name).joined(separator: ", "), found: policy,
            remedy: NearestName.of(policy, among: acting.map(\.id.name)).map { "did you mean \($0)?" })
    }

    /// Starts and draws as in the embedded simulator.
    private static func episodes(_ root: Seed) -> @Sendable (Int) -> (scene: Seed, sampling: Seed) {
        { number in
            let start = RolloutStart(number, root: root)
            return (start.scene, start.sampling)
        }
    }
}
