import Basics
import Networks
import Policies
import Probes

/// Every policy of a study, once: what it is, what it sees, where it is asked, how it is trained and made. The stages train,
/// ask, record and cost from these entries, and their order is that of the policies in every file.
///
/// A new policy is an entry here; where it is generated or trained in a way of its own, its generative process and its
/// settings stand beside the others.
struct Catalogue: Sendable {
    let entries: [CatalogueEntry]

    init(_ settings: Settings) {
        let trainings = Trainings(settings)
        entries =
            Self.learned(settings, trainings) + Self.lookups + Self.oracles + Self.replays + Self.exact(settings, trainings)
            + Self.standIns(settings, trainings) + Self.denoiserControls(settings, trainings)
    }

    static let subject = PolicyID("diffusion_ddpm", .subject)
    static let sampler = PolicyID("diffusion_ddim", .sampler)
    static let table = PolicyID("alt", .table)
    static let pixels = PolicyID("pixel_nearest", .pixels)
    static let memorizer = PolicyID("memorizer", .memorizer)
    static let interpolator = PolicyID("interpolator", .interpolator)
    static let generalizer = PolicyID("generalizer", .generalizer)
    static let expert = PolicyID("expert", .expert)

    /// The policy under study under two samplers, its further seeds, regression, and the kept checkpoints.
    private static func learned(_ settings: Settings, _ trainings: Trainings) -> [CatalogueEntry] {
        let subject = [
            CatalogueEntry(
                Self.subject, family: Self.subject.name, acts: [.plain], training: { _ in trainings.subject(0) }, sampler: .ddpm,
                isTimed: true, denoiser: .network
            ) { try $0.network(trainings.subject(0), .ddpm) },
            CatalogueEntry(
                sampler, family: sampler.name, acts: RolloutScene.allCases, training: { _ in trainings.subject(0) }, sampler: .ddim, isTimed: true
            ) { try $0.network(trainings.subject(0), .ddim) },
        ]
        let seeds = (1..<settings.diffusion.seeds).map { seed in
            CatalogueEntry(
                PolicyID("\(Self.subject)_s\(seed)", .seed), family: Self.subject.name, acts: [.plain], training: { _ in trainings.subject(seed) },
                sampler: .ddpm
            ) { try $0.network(trainings.subject(seed), .ddpm) }
        }
        let regression = PolicyID("behaviour_cloning", .learned)
        let cloning = CatalogueEntry(
            regression, family: regression.name, acts: [.plain], training: { _ in trainings.regression }, sampler: .ddim, denoiser: .constant
        ) { RegressionPolicy(network: try $0.network(trainings.regression, .ddim)) }
        let checkpoints = settings.diffusion.training.auditedSteps.map { step in
            CatalogueEntry(
                PolicyID("\(Self.subject)_at_\(step)", .checkpoint), family: Self.subject.name, asked: .atFrames,
                training: { _ in trainings.subject(0) }, sampler: .ddpm, steps: step
            ) { try $0.network(trainings.subject(0), .ddpm, step: step) }
        }
        return subject + seeds + [cloning] + checkpoints
    }

    /// Lookups by image: the table, the nearest pixels, and the kernel on the table's embedding.
    private static let lookups = [
        CatalogueEntry(
            table, parts: .mainAndTwin, acts: RolloutScene.allCases, sources: [.table], isTimed: true, needsCameras: true
        ) { try $0.table() },
        CatalogueEntry(pixels, parts: .mainAndTwin, acts: [.plain], isTimed: true, needsCameras: true) { try $0.nearestPixels() },
        CatalogueEntry(
            PolicyID("kernel", .kernel), parts: .mainAndTwin, acts: [.plain], sources: [.encoder], needsCameras: true
        ) { try $0.kernel() },
        CatalogueEntry(PolicyID("vinn", .lookup), asked: .never, acts: [.plain], sources: [.encoder], needsCameras: true) {
            try $0.table(EmbeddingKey(try $0.embedding()), RetrievalRule { ($0.answer, $0.neighbours) = (.softmaxMean, 5) })
        },
        CatalogueEntry(
            PolicyID("alt_untrained", .lookup), asked: .never, acts: [.plain], sources: [.untrainedEncoder], needsCameras: true
        ) { try $0.table(EmbeddingKey(try $0.untrainedEmbedding())) },
        CatalogueEntry(PolicyID("pose_nearest", .lookup), asked: .never, acts: [.plain]) {
            try $0.table(PoseKey(try $0.data().normalizer))
        },
        CatalogueEntry(PolicyID("state_nearest", .standInTable), view: .state, asked: .never, acts: [.plain]) {
            try $0.table(PoseKey(try $0.data(.state).normalizer), view: .state)
        },
    ]

    /// Policies that recall, interpolate or generalise by construction, and what ignores the observation.
    private static let oracles = [
        CatalogueEntry(memorizer, parts: .every, acts: [.plain], denoiser: .constant) { maker in
            let data = try maker.data()
            return NearestFramePolicy(
                set: data.set, layout: data.layout, windows: data.train, normalizer: data.normalizer, pool: maker.study.pool)
        },
        CatalogueEntry(interpolator, parts: .every, acts: [.plain], denoiser: .constant) { maker in
            let data = try maker.data()
            return InterpolatorPolicy(
                set: data.set, layout: data.layout, windows: data.train, normalizer: data.normalizer, pool: maker.study.pool)
        },
        CatalogueEntry(generalizer, parts: .every, asked: .atFrames, denoiser: .constant) { maker in
            let data = try maker.data()
            return GeneralizerPolicy(set: data.set, layout: data.layout)
        },
        CatalogueEntry(PolicyID("mean", .mean), parts: .every, acts: [.plain], denoiser: .constant) { maker in
            let data = try maker.data()
            return MeanPolicy(set: data.set, layout: data.layout, windows: data.train)
        },
        CatalogueEntry(expert, asked: .atFrames, acts: RolloutScene.allCases, needsSimulator: true) { maker in
            let data = try maker.data()
            return ExpertPolicy(data.set, data.layout)
        },
    ]

    /// One training demonstration from beginning to end, without looking.
    private static let replays = [
        CatalogueEntry(PolicyID("replay_nearest", .replay), view: .state, asked: .never, acts: [.plain]) { maker in
            let data = try maker.data(.state)
            return ReplayPolicy(.nearestStart(PoseKey(data.normalizer)), set: data.set, layout: data.layout, windows: data.train)
        },
        CatalogueEntry(PolicyID("replay_random", .randomReplay), view: .state, asked: .never, acts: [.plain]) { maker in
            let data = try maker.data(.state)
            return ReplayPolicy(.random, set: data.set, layout: data.layout, windows: data.train)
        },
    ]

    /// The exact minimiser of the loss, sampled as the trained networks are: the positive control.
    private static func exact(_ settings: Settings, _ trainings: Trainings) -> [CatalogueEntry] {
        [(PolicyID("exact_ddpm", .exact), DenoisingProcess.Kind.ddpm), (PolicyID("exact_ddim", .exactSampler), .ddim)].map { id, kind in
            CatalogueEntry(
                id, sources: [.training { _ in trainings.subject(0) }, .sampler(.ddim), .sampler(kind), .exactBandwidth]
            ) { maker in
                ExactDenoiserPolicy(
                    key: try maker.network(trainings.subject(0), .ddim), data: try maker.data(), process: maker.sampler(kind),
                    bandwidth: maker.exactBandwidth)
            }
        } + [
            // Mishra and Manchester 2026: the exact denoiser as a policy, with the kernel width that serves best.
            CatalogueEntry(
                PolicyID("closed_form", .lookup), asked: .never, acts: [.plain],
                sources: [.training { _ in trainings.subject(0) }, .sampler(.ddim)]
            ) { maker in
                let key = try maker.network(trainings.subject(0), .ddim), data = try maker.data(), process = maker.sampler(.ddim)
                let bandwidth = try ExactDenoiserPolicy.fittedBandwidth(
                    key: key, data: data, process: process, candidates: [0.05, 0.1, 0.2, 0.4, 0.8, 1.6],
                    seed: settings.root / "closed_form")
                return ExactDenoiserPolicy(key: key, data: data, process: process, bandwidth: bandwidth)
            },
            CatalogueEntry(
                PolicyID("alt_diffusion_encoder", .lookup), asked: .never, acts: [.plain],
                sources: [.training { _ in trainings.subject(0) }, .sampler(.ddim)]
            ) { try $0.table(ConditionKey(try $0.network(trainings.subject(0), .ddim))) },
        ]
    }

    /// Policies on low-dim observations: the first seed in every part, further seeds and regression beside it.
    private static func standIns(_ settings: Settings, _ trainings: Trainings) -> [CatalogueEntry] {
        let family = "state_ddpm"
        let seeds = (0..<settings.state.seeds).map { seed in
            CatalogueEntry(
                PolicyID("\(family)_s\(seed)", seed == 0 ? .standIn : .standInSeed), family: family, view: .state,
                parts: seed == 0 ? .every : .main, asked: .atFrames,
                acts: seed == 0 ? RolloutScene.allCases : [.plain], training: { trainings.state(seed, $0) }, sampler: .ddpm
            ) { try $0.network(trainings.state(seed, $0.part), .ddpm) }
        }
        let regression = PolicyID("state_behaviour_cloning", .standInLearned)
        return seeds + [
            CatalogueEntry(
                regression, family: regression.name, view: .state, parts: .mainAndTwin, asked: .atFrames, acts: [.plain],
                training: trainings.stateRegression, sampler: .ddim
            ) { RegressionPolicy(network: try $0.network(trainings.stateRegression($0.part), .ddim)) }
        ]
    }

    /// The subject's network before its training and after half of it, asked as denoisers only.
    private static func denoiserControls(_ settings: Settings, _ trainings: Trainings) -> [CatalogueEntry] {
        let training = settings.diffusion.training
        let half = training.auditedSteps.min { abs(2 * $0 - training.steps) < abs(2 * $1 - training.steps) }
        return [
            CatalogueEntry(PolicyID("random_init", .untrained), asked: .never, denoiser: .network) {
                try $0.untrained(trainings.subject(0))
            }
        ] + [half].compactMap { $0 }.map { step in
            CatalogueEntry(PolicyID("half_trained", .halfTrained), asked: .never, denoiser: .network) {
                try $0.network(trainings.subject(0), .ddim, step: step)
            }
        }
    }
}

/// One policy of a study.
struct CatalogueEntry: Sendable {
    /// In which parts of a study it is asked.
    enum Parts: Sendable {
        case main, mainAndTwin, every

        func contains(_ part: StudyPart) -> Bool {
            switch (self, part) {
            case (_, .main), (.mainAndTwin, .twin), (.every, _): true
            default: false
            }
        }
    }

    enum Asked: Sendable {
        case everywhere
        /// Only at observations that are frames of the data: it answers by the frame's truth or its state, which no picture in
        /// place of the camera's image changes, or it serves probes that look at nothing else.
        case atFrames
        case never
    }

    /// What P05 compares with the exact denoiser.
    enum Denoiser: Sendable {
        case network
        /// An answer that does not depend on the noisy sequence.
        case constant
    }

    let id: PolicyID
    /// Policies that differ only in training seed, steps or number of demonstrations share a family.
    let family: String
    let view: ObservationView
    let parts: Parts
    let asked: Asked
    /// In which scenes it is let loose in the simulator; none where it cannot act.
    let acts: [RolloutScene]
    /// Nil for a policy that is not trained, or by the lookup table's own stage.
    let training: (@Sendable (StudyPart) -> PolicyTraining)?
    /// Steps of a kept checkpoint; nil for the whole training.
    let steps: Int?
    /// Whether single queries are timed.
    let isTimed: Bool
    let denoiser: Denoiser?
    /// What its answers depend on, beside the demonstrations and the observations.
    let sources: [PolicySource]
    /// What the data must have for it: cameras; the states of the embedded simulator, which made them.
    let needsCameras, needsSimulator: Bool
    /// Nil where the data have not what it needs.
    let make: @Sendable (PolicyMaker) throws -> (any Policy)?

    init(
        _ id: PolicyID, family: String? = nil, view: ObservationView = .images, parts: Parts = .main, asked: Asked = .everywhere, acts: [RolloutScene] = [],
        training: (@Sendable (StudyPart) -> PolicyTraining)? = nil, sampler: DenoisingProcess.Kind? = nil, steps: Int? = nil,
        sources: [PolicySource] = [], isTimed: Bool = false, denoiser: Denoiser? = nil, needsCameras: Bool = false,
        needsSimulator: Bool = false, make: @escaping @Sendable (PolicyMaker) throws -> (any Policy)?
    ) {
        self.id = id
        self.family = family ?? id.name
        self.view = view
        self.parts = parts
        self.asked = asked
        self.acts = acts
        self.training = training
        self.steps = steps
        self.isTimed = isTimed
        self.denoiser = denoiser
        self.sources =
            sources + [training.map { .training($0, step: steps) }, sampler.map { .sampler($0) }].compactMap { $0 }
        self.needsCameras = needsCameras
        self.needsSimulator = needsSimulator
        self.make = make
    }
}

extension Catalogue {
    var policies: [PolicyID] { entries.map(\.id) }

    func first(_ role: PolicyRole) -> CatalogueEntry? { entries.first { $0.id.role == role } }

    /// - Throws: `Failure` (`data`) for a name that no policy of this study has.
    func policy(named name: String, in file: String) throws -> PolicyID {
        guard let entry = entries.first(where: { $0.id.name == name }) else {
            throw Failure(
                .data, "a file holds the answers of a policy that this study does not have", at: file,
                expected: policies.map(\.name).joined(separator: ", "), found: name, remedy: "remove the file and run again")
        }
        return entry.id
    }

    /// Every training once, part by part. The subject's are apart, since a study may end with them.
    func trainings(_ parts: [StudyPart], ofSubject: Bool) -> [PolicyTraining] {
        var seen: Set<String> = []
        return parts.flatMap { part in
            entries.filter { $0.parts.contains(part) }.compactMap { $0.training?(part) }
        }.filter { $0.isSubject == ofSubject && seen.insert($0.name).inserted }
    }
}
