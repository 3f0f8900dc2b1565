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
        if let audit = settings.audit {
            entries = Self.audited(audit, settings)
            return
        }
        let trainings = Trainings(settings)
        entries =
            Self.learned(settings, trainings) + Self.lookups(settings) + Self.oracles + Self.replays + Self.exact(settings, trainings)
            + Self.standIns(settings, trainings) + Self.denoiserControls(settings, trainings)
    }

    static let subject = PolicyID("diffusion_ddpm", .subject)
    static let sampler = PolicyID("diffusion_ddim", .sampler)
    static let table = PolicyID("alt", .table, "ALT")
    static let pixels = PolicyID("pixel_nearest", .pixels, "nearest pixels")
    static let memorizer = PolicyID("memorizer", .memorizer, "memorizer (oracle)")
    static let interpolator = PolicyID("interpolator", .interpolator, "interpolator (oracle)")
    static let generalizer = PolicyID("generalizer", .generalizer, "generalizer (oracle)")
    static let expert = PolicyID("expert", .expert, "scripted expert")

    /// The policy under study under two samplers, its further seeds, regression in one step and in two, flow matching, ACT, and the kept checkpoints.
    private static func learned(_ settings: Settings, _ trainings: Trainings) -> [CatalogueEntry] {
        let ddpm = "diffusion policy, DDPM-\(settings.diffusion.samplers.ddpm)"
        let subject = [
            CatalogueEntry(
                PolicyID(Self.subject.name, .subject, ddpm), family: Self.subject.name, parts: settings.diffusion.twin ? .mainAndTwin : .main, acts: [.plain],
                training: { trainings.subject(0, $0) }, sampler: .ddpm, isTimed: true, denoiser: .network
            ) { try $0.network(trainings.subject(0, $0.part), .ddpm) },
            CatalogueEntry(
                PolicyID(sampler.name, .sampler, "diffusion policy, DDIM-\(settings.diffusion.samplers.ddim)"), family: sampler.name, acts: RolloutScene.allCases, training: { _ in trainings.subject(0) }, sampler: .ddim, isTimed: true
            ) { try $0.network(trainings.subject(0), .ddim) },
        ]
        let seeds = (1..<settings.diffusion.seeds).map { seed in
            CatalogueEntry(
                PolicyID("\(Self.subject)_s\(seed)", .seed, "\(ddpm), seed \(seed)"), family: Self.subject.name, acts: [.plain], training: { _ in trainings.subject(seed) },
                sampler: .ddpm
            ) { try $0.network(trainings.subject(seed), .ddpm) }
        }
        let regression = PolicyID("behaviour_cloning", .learned)
        let cloning = CatalogueEntry(
            regression, family: regression.name, acts: [.plain], training: { _ in trainings.regression }, sampler: .ddim, denoiser: .constant
        ) { RegressionPolicy(network: try $0.network(trainings.regression, .ddim)) }
        let refinement = PolicyID("two_step", .learned, "regression in two steps")
        let twoStep = CatalogueEntry(
            refinement, family: refinement.name, acts: [.plain], training: { _ in trainings.twoStep }
        ) { try $0.network(trainings.twoStep, TwoStepProcess()) }
        let checkpoints = settings.diffusion.training.auditedSteps.map { step in
            CatalogueEntry(
                PolicyID("\(Self.subject)_at_\(step)", .checkpoint, "\(ddpm), step \(step)"), family: Self.subject.name, asked: .atFrames,
                training: { _ in trainings.subject(0) }, sampler: .ddpm, steps: step
            ) { try $0.network(trainings.subject(0), .ddpm, step: step) }
        }
        return subject + seeds + (settings.behaviourCloning.images ? [cloning] : []) + (settings.behaviourCloning.twoStep ? [twoStep] : [])
            + (settings.flowMatching.images ? [flowMatching(.images, settings, trainings)] : [])
            + (settings.actionChunking.images ? [actionChunking(.images, trainings)] : []) + checkpoints
    }

    /// Flow matching on what a view shows.
    static func flowMatching(_ view: ObservationView, _ settings: Settings, _ trainings: Trainings) -> CatalogueEntry {
        let label = "flow matching, \(settings.flowMatching.samplingSteps) steps"
        let id = view == .images ? PolicyID("flow_matching", .learned, label) : PolicyID("state_flow_matching", .standInLearned, "low-dim \(label)")
        return CatalogueEntry(
            id, family: id.name, view: view, asked: view == .images ? .everywhere : .atFrames, acts: [.plain],
            training: { _ in trainings.flowMatching(view) }, sources: [.flowMatching], denoiser: view == .images ? .network : nil
        ) { try $0.network(trainings.flowMatching(view), $0.flowMatching) }
    }

    /// ACT on what a view shows. Its answer depends on no noisy sequence, so that P05 takes it as it is.
    static func actionChunking(_ view: ObservationView, _ trainings: Trainings) -> CatalogueEntry {
        let id = view == .images ? PolicyID("action_chunking", .learned, "ACT") : PolicyID("state_action_chunking", .standInLearned, "low-dim ACT")
        return CatalogueEntry(
            id, family: id.name, view: view, asked: view == .images ? .everywhere : .atFrames, acts: [.plain],
            training: { _ in trainings.actionChunking(view) }, denoiser: view == .images ? .constant : nil
        ) { try $0.actionChunking(trainings.actionChunking(view)) }
    }

    /// Policies that recall, interpolate or generalise by construction, and what ignores the observation.
    static let oracles = [
        CatalogueEntry(memorizer, parts: .every, acts: [.plain], denoiser: .constant) { maker in
            let data = try maker.data()
            return NearestFramePolicy(
                set: data.set, layout: data.layout, windows: data.train, normalizer: data.normalizer, pool: maker.pool)
        },
        CatalogueEntry(interpolator, parts: .every, acts: [.plain], denoiser: .constant) { maker in
            let data = try maker.data()
            return InterpolatorPolicy(
                set: data.set, layout: data.layout, windows: data.train, normalizer: data.normalizer, pool: maker.pool)
        },
        CatalogueEntry(generalizer, parts: .every, asked: .atFrames, denoiser: .constant) { maker in
            let data = try maker.data()
            return GeneralizerPolicy(set: data.set, layout: data.layout)
        },
        CatalogueEntry(PolicyID("mean", .mean, "mean of training sequences"), parts: .every, acts: [.plain], denoiser: .constant) { maker in
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
        CatalogueEntry(PolicyID("replay_nearest", .replay, "replay of the nearest start"), view: .state, asked: .never, acts: [.plain]) { maker in
            let data = try maker.data(.state)
            return ReplayPolicy(.nearestStart(PoseKey(data.normalizer)), set: data.set, layout: data.layout, windows: data.train)
        },
        CatalogueEntry(PolicyID("replay_random", .randomReplay, "replay of any demonstration"), view: .state, asked: .never, acts: [.plain]) { maker in
            let data = try maker.data(.state)
            return ReplayPolicy(.random, set: data.set, layout: data.layout, windows: data.train)
        },
    ]

    /// The exact minimiser of the loss, sampled as the trained networks are: the positive control.
    private static func exact(_ settings: Settings, _ trainings: Trainings) -> [CatalogueEntry] {
        [("exact_ddpm", PolicyRole.exact, DenoisingProcess.Kind.ddpm), ("exact_ddim", .exactSampler, .ddim)].map { name, role, kind in
            let label = "exact denoiser, \(kind == .ddpm ? "DDPM" : "DDIM")-\(settings.diffusion.samplers.steps(kind))"
            return CatalogueEntry(
                PolicyID(name, role, label), sources: [.training { _ in trainings.subject(0) }, .sampler(.ddim), .sampler(kind), .exactBandwidth]
            ) { maker in
                ExactDenoiserPolicy(
                    key: try maker.network(trainings.subject(0), .ddim), data: try maker.data(), process: maker.sampler(kind),
                    bandwidth: maker.exactBandwidth)
            }
        } + [
            // Mishra and Manchester 2026: the exact denoiser as a policy, with the kernel width that serves best.
            CatalogueEntry(
                PolicyID("closed_form", .lookup, "exact denoiser, best kernel"), asked: .never, acts: [.plain],
                sources: [.training { _ in trainings.subject(0) }, .sampler(.ddim)]
            ) { maker in
                let key = try maker.network(trainings.subject(0), .ddim), data = try maker.data(), process = maker.sampler(.ddim)
                let bandwidth = try ExactDenoiserPolicy.fittedBandwidth(
                    key: key, data: data, process: process, candidates: [0.05, 0.1, 0.2, 0.4, 0.8, 1.6],
                    seed: settings.root / "closed_form")
                return ExactDenoiserPolicy(key: key, data: data, process: process, bandwidth: bandwidth)
            },
            CatalogueEntry(
                PolicyID("alt_diffusion_encoder", .lookup, "ALT, diffusion policy's encoder"), asked: .never, acts: [.plain],
                sources: [.training { _ in trainings.subject(0) }, .sampler(.ddim)]
            ) { try $0.table(ConditionKey(try $0.network(trainings.subject(0), .ddim))) },
        ]
    }

    /// Policies on low-dim observations: the first seed in every part, further seeds, regression in one step and in two, flow matching and ACT beside it.
    private static func standIns(_ settings: Settings, _ trainings: Trainings) -> [CatalogueEntry] {
        let family = "state_ddpm"
        let seeds = (0..<settings.state.seeds).map { seed in
            CatalogueEntry(
                PolicyID("\(family)_s\(seed)", seed == 0 ? .standIn : .standInSeed, "low-dim diffusion, seed \(seed)"), family: family, view: .state,
                parts: seed == 0 ? .every : .main, asked: .atFrames,
                acts: seed == 0 ? RolloutScene.allCases : [.plain], training: { trainings.state(seed, $0) }, sampler: .ddpm
            ) { try $0.network(trainings.state(seed, $0.part), .ddpm) }
        }
        let regression = PolicyID("state_behaviour_cloning", .standInLearned, "low-dim behaviour cloning"), refinement = PolicyID("state_two_step", .standInLearned, "low-dim regression in two steps")
        return seeds + [
            CatalogueEntry(
                regression, family: regression.name, view: .state, parts: .mainAndTwin, asked: .atFrames, acts: [.plain],
                training: trainings.stateRegression, sampler: .ddim
            ) { RegressionPolicy(network: try $0.network(trainings.stateRegression($0.part), .ddim)) },
            CatalogueEntry(
                refinement, family: refinement.name, view: .state, asked: .atFrames, acts: [.plain],
                training: { _ in trainings.stateTwoStep }
            ) { try $0.network(trainings.stateTwoStep, TwoStepProcess()) },
            flowMatching(.state, settings, trainings), actionChunking(.state, trainings),
        ]
    }

    /// The subject's network before its training and after half of it, asked as denoisers only.
    private static func denoiserControls(_ settings: Settings, _ trainings: Trainings) -> [CatalogueEntry] {
        let training = settings.diffusion.training
        let half = training.auditedSteps.min { abs(2 * $0 - training.steps) < abs(2 * $1 - training.steps) }
        return [
            CatalogueEntry(PolicyID("random_init", .untrained, "network before training"), asked: .never, denoiser: .network) {
                try $0.untrained(trainings.subject(0))
            }
        ] + [half].compactMap { $0 }.map { step in
            CatalogueEntry(PolicyID("half_trained", .halfTrained, "network half-way in training"), asked: .never, denoiser: .network) {
                try $0.network(trainings.subject(0), .ddim, step: step)
            }
        }
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
