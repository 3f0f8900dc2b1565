import Basics
import Foundation
import Policies
import Probes
import Runs
import Store
import Testing
import TestSupport

@testable import Configuration
@testable import Study

/// What a setting reaches has another identity when the setting changes, and nothing else has: neither are wrong weights
/// found, nor is anything trained twice.
@Suite struct IdentityTests {
    /// Kinds of things that a study makes, one of each.
    enum Thing: String, CaseIterable {
        case subject, regression, state, encoder, spared, autoencoder, table, ddpm, ddim, alt, memorizer, exact, acting, monitored, small, flow, flowing, chunking
    }

    private static let policies = "ddpm ddim exact acting monitored"
    private static let learned = "chunking " + unet
    /// What reaches the U-Net alone.
    private static let unet = "subject regression state flow flowing " + policies
    private static let everything = Thing.allCases.map(\.rawValue).joined(separator: " ")
    private static let contrastive = "encoder spared table alt monitored"
    private static let encoders = "autoencoder " + contrastive
    private static let answers = "ddpm ddim alt memorizer exact"

    /// Every setting with another value, and what it reaches.
    private static let reach: KeyValuePairs<String, String> = [
        "experiment=other": "", "seed=1": everything, "workers=1": "",
        "data.path=COPY": "", "data.generate.task=lift": "", "data.generate.demonstrations=9": "", "data.generate.seed=3": "",
        "data.generate.starts=grid": "", "data.generate.expert_noise=0.5": "", "data.generate.miss_share=0.5": "",
        "data.cameras=[agentview_image]": "subject regression flow flowing chunking encoder spared autoencoder table acting monitored " + answers,
        "data.low_dim=[robot0_eef_pos]": "subject regression flow flowing chunking encoder spared autoencoder table state acting monitored " + answers,
        "data.filter_key=null": "", "data.demonstrations=7": "subject regression flow flowing chunking state encoder spared autoencoder table acting monitored " + answers,
        "data.split.train=3": "subject regression flow flowing chunking state encoder spared autoencoder table acting monitored " + answers,
        "data.split.reference=3": "subject regression flow flowing chunking state encoder spared autoencoder table acting monitored " + answers,
        "windows.horizon=24": learned + " encoder spared autoencoder table alt memorizer", "windows.observation_steps=3": learned + " encoder spared autoencoder table alt memorizer",
        "windows.executed_steps=4": learned + " encoder spared autoencoder table alt memorizer",
        "image.crop=18": "subject regression flow flowing chunking encoder spared autoencoder table ddpm ddim alt exact acting monitored",
        "diffusion.encoder.variant=resnet18": "subject regression flow flowing chunking " + policies, "diffusion.encoder.channels=[6]": "subject regression flow flowing chunking " + policies,
        "diffusion.encoder.keypoints=3": "subject regression flow flowing " + policies, "diffusion.encoder.features=6": "subject regression flow flowing " + policies,
        "diffusion.unet.down_dims=[8, 16]": unet, "diffusion.unet.step_embedding=16": unet, "diffusion.unet.kernel_size=5": unet,
        "diffusion.unet.group_count=2": unet,
        "diffusion.noise.steps=5": "subject state " + policies, "diffusion.noise.clip=false": policies,
        "diffusion.training.steps=121": "subject " + policies, "diffusion.training.batch_size=5": learned,
        "diffusion.training.learning_rate=0.5": unet, "diffusion.training.betas=[0.5, 0.5]": learned,
        "diffusion.training.weight_decay=0.5": learned, "diffusion.training.warmup_steps=3": learned, "diffusion.training.ema_power=0.5": learned,
        "diffusion.training.ema_maximum=0.5": learned, "diffusion.training.gradient_clip=1.0": learned,
        "diffusion.training.checkpoint_every=7": "", "diffusion.training.audited_steps=[31]": "",
        "diffusion.seeds=2": "", "diffusion.twin=false": "", "diffusion.samplers.ddpm=3": "ddpm exact", "diffusion.samplers.ddim=3": "ddim exact acting monitored",
        "alt.encoder.channels=[6]": encoders, "alt.encoder.keypoints=3": encoders,
        "alt.encoder.features=6": encoders, "alt.encoder.embedding=6": contrastive,
        "alt.encoder.pretrained=TRUNK": "table alt monitored",
        "alt.training.epochs=3": encoders, "alt.training.batch_size=17": encoders,
        "alt.training.learning_rate=0.5": contrastive, "alt.autoencoder_learning_rate=0.5": "autoencoder", "alt.training.temperature=0.5": contrastive,
        "alt.training.brightness=0.5": contrastive, "alt.training.contrast=0.5": contrastive,
        "alt.training.saturation=0.5": contrastive, "alt.training.hue=0.5": contrastive,
        "alt.training.crop_scale=[0.5, 1.0]": encoders, "alt.training.checkpoint_every=7": "",
        "alt.training.spared_neighbours=3": "spared table alt monitored", "alt.variant=alt_pose": "table alt monitored", "alt.variants=[alt_pose]": "table alt monitored",
        "alt.threshold.method=fixed": "table alt monitored", "alt.threshold.false_alarm_rate=0.5": "table alt monitored", "alt.threshold.similarity=0.5": "table alt monitored",
        "alt.top_k=3": "",
        "behaviour_cloning.steps=5": "regression", "behaviour_cloning.state_steps=5": "", "behaviour_cloning.images=false": "", "behaviour_cloning.two_step=false": "",
        "flow_matching.levels=7": "flow flowing", "flow_matching.sampling_steps=3": "flowing", "flow_matching.steps=5": "flow flowing",
        "flow_matching.state_steps=5": "", "flow_matching.images=true": "",
        "action_chunking.transformer.width=16": "chunking", "action_chunking.transformer.heads=1": "chunking",
        "action_chunking.transformer.feed_forward=9": "chunking", "action_chunking.transformer.encoder_layers=2": "chunking",
        "action_chunking.transformer.decoder_layers=2": "chunking", "action_chunking.learning_rate=0.25": "chunking",
        "action_chunking.steps=5": "chunking", "action_chunking.state_steps=5": "", "action_chunking.images=true": "",
        "state.low_dim=[object]": "state monitored", "state.steps=7": "state", "state.learning_rate=0.25": "state", "state.seeds=3": "", "state.sizes=[]": "table acting monitored flowing " + answers,
        "state.unet.down_dims=[8, 16]": "state", "state.unet.step_embedding=16": "state", "state.unet.kernel_size=7": "state",
        "state.unet.group_count=4": "state", "state.splits=3": "", "state.spacing=true": "",
        "rules.fit=0.4": "", "rules.dcr_share=0.7": "", "rules.c_t=-4.0": "", "rules.rank_match_p=0.02": "", "rules.r_squared=0.7": "",
        "rules.bandwidth=2.0": "", "rules.largest_weight=0.8": "", "rules.novel_residual=0.4": "", "rules.top_two_mass=0.7": "",
        "rules.equivalence_margin=0.2": "", "rules.time_ratio=0.1": "", "rules.memory_ratio=0.1": "", "rules.false_alarm_rate=0.2": "",
        "rollouts.starts=3": "", "rollouts.primary_starts=5": "acting monitored", "rollouts.reference_starts=3": "",
        "rollouts.choice_starts=3": "table alt monitored", "rollouts.steps=17": "table alt acting monitored",
        "rollouts.policies=[alt]": "",
        "rollouts.moved_at=3": "", "rollouts.filmstrips=1": "",
        "manifolds.shapes=[star, heart]": "", "manifolds.points=[20, 30]": "", "manifolds.settings=[corrected, authors]": "",
        "manifolds.seeds=2": "", "manifolds.samples=17": "small", "manifolds.small.layers=2": "small", "manifolds.small.width=9": "small",
        "manifolds.large.layers=2": "", "manifolds.large.width=9": "", "manifolds.batch_size=9": "small", "manifolds.few_points=9": "",
        "manifolds.authors.steps=9": "", "manifolds.authors.steps_few_points=9": "", "manifolds.authors.learning_rate=0.5": "",
        "manifolds.authors.learning_rate_few_points=0.5": "", "manifolds.corrected.steps=9": "small",
        "manifolds.corrected.learning_rate=0.5": "small", "manifolds.checkpoint_every=9": "",
        "probes.names=[p01]": "", "probes.frames_per_demonstration=3": answers + " flowing", "probes.samples=3": answers + " flowing",
        "probes.conditions=[cat]": "", "probes.most_frames=3": answers + " flowing", "probes.mixtures=3": "",
        "probes.images_per_class=3": "", "probes.image_folder=FOLDER": "", "probes.distractor_pairs=null": "", "probes.other_task=null": "",
        "probes.photographs=elsewhere": "", "probes.exact_bandwidth=0.5": "exact", "probes.resamples=21": "", "probes.latency_queries=3": "",
        "probes.reference_size=true": "",
    ]

    /// The identity of one of each, as the store names them.
    private static func identities(_ tiny: TinyStudy, _ overrides: [String]) throws -> [Thing: String] {
        let settings = try ExperimentFile.load(tiny.experiment.path, overrides: overrides).settings, study = Study(settings)
        let configuration = RunConfiguration(
            experiment: "tiny", hash: "0", dataHash: try FileHash.sha256(settings.data.path), seed: settings.seed, yaml: "", overrides: [])
        let run = RunContext.looking(
            at: configuration, in: tiny.experiment.folder + "/results/tiny/run", program: .undisclosed,
            console: Console(isTerminal: false, isQuiet: true) { _ in }, interruption: Interruption())
        let data = try study.data(run), trainings = Trainings(settings), maker = PolicyMaker(study: study, run: run)
        let heldout = try #require(study.conditions(run).first { $0.condition == .heldout })
        func policy(_ role: PolicyRole) throws -> Identity {
            try PolicyAnswers(entry: #require(study.catalogue.first(role)), condition: heldout, maker: maker).identity()
        }
        let state = try study.data(run, view: .state)
        let small = try #require(settings.manifolds.cells.first { $0.model == .small && $0.manner == .corrected && $0.shape == .star })
        let plan = try #require(try RolloutPlan(study, run))
        let flowMatching = Catalogue.flowMatching(.images, settings, trainings)
        let cell = try #require(plan.cells.first { $0.entry.id.role == .sampler })
        let block = try #require(cell.blocks(plan.task, maker).first)
        return try [
            Thing.subject: trainings.subject(0).identity(settings, data), .regression: trainings.regression.identity(settings, data),
            .state: trainings.state(0, .main).identity(settings, state),
            .encoder: EncoderTraining(part: .main, settings: settings).identity(data),
            .spared: EncoderTraining(part: .main, recipe: .spared, settings: settings).identity(data),
            .autoencoder: EncoderTraining(part: .main, recipe: .autoencoder, settings: settings).identity(data),
            .table: LookupTable(part: .main, data: data, study: study, run: run).identity(),
            .ddpm: policy(.subject), .ddim: policy(.sampler), .alt: policy(.table), .memorizer: policy(.memorizer), .exact: policy(.exact),
            .acting: block.identity(), .monitored: MonitoredBlock(block: block).identity(),
            .small: ManifoldFiles(settings, run).identity(small),
            .flow: trainings.flowMatching(.images).identity(settings, data),
            .chunking: trainings.actionChunking(.images).identity(settings, data),
            .flowing: PolicyAnswers(entry: flowMatching, condition: heldout, maker: maker).identity(),
        ].mapValues(run.store.name)
    }

    @Test func `a setting changes the identity of what it reaches and of nothing else`() throws {
        let tiny = try TinyStudy(), folder = tiny.experiment.folder
        try FileManager.default.copyItem(atPath: TinyStudy.dataset.get(), toPath: folder + "/copy.hdf5")
        let before = try Self.identities(tiny, [])
        #expect(Set(before.values).count == before.count)
        for (override, reached) in Self.reach {
            var overrides = [
                override.replacing("COPY", with: folder + "/copy.hdf5").replacing("FOLDER", with: SharedData.fixture("images"))
                    .replacing("TRUNK", with: SharedData.fixture("goldens/pretrained_trunk.safetensors")),
            ]
            // What the changed value needs to be valid.
            if override.hasPrefix("data.split.train") { overrides += ["data.split.reference=3", "state.sizes=[]"] }
            if override.hasPrefix("data.split.reference") { overrides += ["data.split.train=3", "state.sizes=[]"] }
            if override.hasPrefix("diffusion.encoder.variant") { overrides.append("image.crop=16") }
            // The published networks need larger pictures, with which the change is then compared.
            let larger = override.hasPrefix("probes.reference_size") ? ["image.crop=64"] : []
            let after = try Self.identities(tiny, overrides + larger), before = larger.isEmpty ? before : try Self.identities(tiny, larger)
            let changed = Thing.allCases.filter { before[$0] != after[$0] }.map(\.rawValue)
            #expect(Set(changed) == Set(reached.split(separator: " ").map(String.init)), "\(override)")
        }
    }

    @Test func `every setting is in the list above`() {
        let listed = Set(Self.reach.map { String($0.key.prefix { $0 != "=" }) })
        let groups = Set(Settings.keyPaths.flatMap { path in path.indices.map { path[..<$0].joined(separator: ".") } })
        // What an audit is told reaches its own policy alone, see `AuditTests`.
        let keys = Set(Settings.keyPaths.map { $0.joined(separator: ".") }).subtracting(groups).filter { !$0.hasPrefix("audit.") }
        #expect(keys.subtracting(listed).sorted() == [] && listed.subtracting(keys).sorted() == [])
    }

    @Test func `the code that an identity names is there`() {
        let kinds = [
            PolicyTraining.kind, EncoderTraining.kind, LookupTable.kind, PolicyAnswers.kind, RolloutBlock.kind, MonitoredBlock.kind, ObservationMonitors.kind, ManifoldFiles.kind,
        ]
        for path in Set(kinds.flatMap(\.code)) {
            #expect(FileManager.default.fileExists(atPath: SharedData.root + "/Sources/" + path), "\(path)")
        }
    }
}
