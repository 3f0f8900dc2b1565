import Basics
import Demonstrations
import Networks
import Policies
import Runs
import Safetensors
import Training

/// A policy with the observations it takes and whether it is asked where no true answer exists.
struct AskedPolicy {
    let policy: any Policy
    var view = TrainingMember.View.images
    /// Asked only at observations that are frames of the data: it answers by the frame's truth or its state, which no
    /// picture in place of the camera's image changes, or it serves probes that look at nothing else.
    var needsTruth = false
}

/// The policies of a study, made from its checkpoints.
struct StudyPolicies {
    let study: Study
    let run: RunContext

    init(_ study: Study, _ run: RunContext) {
        self.study = study
        self.run = run
    }

    var members: TrainingMembers { TrainingMembers(settings: study.settings) }

    /// A trained network under a sampler.
    /// - Parameter checkpoint: folder below the member's; `last` or a step's.
    func network(
        _ member: TrainingMember, _ kind: DenoisingProcess.Kind, name: String, checkpoint: String = "last"
    ) throws -> DiffusionPolicy {
        let path = run.folder.path("checkpoints/\(member.name)/\(checkpoint)/model.safetensors")
        let file = try Safetensors.read(path)
        let network = try emptyNetwork(member), parameters = network.store.makeBuffer()
        try network.store.load(
            file.tensors.filter { !$0.key.hasPrefix(Normalizer.tensorPrefix) }, into: parameters, from: path)
        return DiffusionPolicy(
            name: name, network: network, parameters: parameters, normalizer: try Normalizer(tensors: file),
            process: study.settings.sampler(kind), pool: study.pool)
    }

    /// The network of a member before its training.
    func untrained(_ member: TrainingMember, name: String) throws -> DiffusionPolicy {
        let network = try emptyNetwork(member)
        return DiffusionPolicy(
            name: name, network: network, parameters: network.store.makeInitialized(member.seed / "initial"),
            normalizer: try study.data(run, view: member.view).normalizer, process: study.settings.sampler(.ddim),
            pool: study.pool)
    }

    private func emptyNetwork(_ member: TrainingMember) throws -> DiffusionNetwork {
        DiffusionNetwork(study.settings.diffusionNetwork(try study.data(run, view: member.view).set))
    }

    /// The policy under study: `diffusion_ddpm` or `diffusion_ddim`.
    func headline(_ kind: DenoisingProcess.Kind) throws -> DiffusionPolicy {
        try network(members.diffusion[0], kind, name: "diffusion_\(kind.rawValue)")
    }

    func tables(_ part: StudyPart) throws -> LookupTables {
        LookupTables(data: try study.data(run, part: part), study: study, run: run)
    }

    func pixelNearest(_ part: StudyPart) throws -> NearestFramePolicy {
        let data = try study.data(run, part: part)
        return NearestFramePolicy(
            name: "pixel_nearest", set: data.set, layout: data.layout, windows: data.train, normalizer: nil, pool: study.pool)
    }

    /// Everything that is asked in a part, in the order of the CSV files. Without cameras nothing is looked up by image.
    func all(_ part: StudyPart) throws -> [AskedPolicy] {
        switch part {
        case .main: try trained() + lookups(.main) + oracles(.main) + exact() + states(.main)
        case .twin: try lookups(.twin) + oracles(.twin) + states(.twin)
        case .size: try oracles(part) + states(part)
        }
    }

    /// The policy under study, its further seeds and checkpoints, and regression.
    private func trained() throws -> [AskedPolicy] {
        var result = [AskedPolicy(policy: try headline(.ddpm)), AskedPolicy(policy: try headline(.ddim))]
        for member in members.diffusion.dropFirst() {
            result.append(AskedPolicy(policy: try network(member, .ddpm, name: "diffusion_ddpm_s\(member.seedNumber)")))
        }
        let cloning = try network(members.behaviourCloning, .ddim, name: "network")
        result.append(AskedPolicy(policy: RegressionPolicy(name: "behaviour_cloning", network: cloning)))
        for step in study.settings.diffusion.training.auditedSteps {
            let policy = try network(
                members.diffusion[0], .ddpm, name: "diffusion_ddpm_at_\(step)", checkpoint: CheckpointStore.name(of: step))
            result.append(AskedPolicy(policy: policy, needsTruth: true))
        }
        return result
    }

    private func lookups(_ part: StudyPart) throws -> [AskedPolicy] {
        let data = try study.data(run, part: part)
        guard !data.set.cameras.isEmpty else { return [] }
        let table = try tables(part).table(part).policy
        let kernel = InterpolatorPolicy(
            embedding: try tables(part).embedding(part).embedding, set: data.set, layout: data.layout, windows: data.train)
        return [AskedPolicy(policy: table), AskedPolicy(policy: try pixelNearest(part)), AskedPolicy(policy: kernel)]
    }

    private func oracles(_ part: StudyPart) throws -> [AskedPolicy] {
        let data = try study.data(run, part: part), (set, layout, train) = (data.set, data.layout, data.train)
        var result = [
            AskedPolicy(
                policy: NearestFramePolicy(
                    name: "memorizer", set: set, layout: layout, windows: train, normalizer: data.normalizer, pool: study.pool)),
            AskedPolicy(
                policy: InterpolatorPolicy(set: set, layout: layout, windows: train, normalizer: data.normalizer, pool: study.pool)),
            AskedPolicy(policy: GeneralizerPolicy(set: set, layout: layout), needsTruth: true),
            AskedPolicy(policy: MeanPolicy(set: set, layout: layout, windows: train)),
        ]
        if part == .main, let expert = ExpertPolicy(set, layout) {
            result.append(AskedPolicy(policy: expert, needsTruth: true))
        }
        return result
    }

    /// The exact minimiser of the loss, sampled as the trained networks are: the positive control.
    private func exact() throws -> [AskedPolicy] {
        let data = try study.data(run), key = try headline(.ddim)
        return [DenoisingProcess.Kind.ddpm, .ddim].map { kind in
            AskedPolicy(
                policy: ExactDenoiserPolicy(
                    name: "exact_\(kind.rawValue)", key: key, data: data, process: study.settings.sampler(kind),
                    bandwidth: study.settings.probes.exactBandwidth))
        }
    }

    private func states(_ part: StudyPart) throws -> [AskedPolicy] {
        try members.state(of: part).map { member in
            let policy: any Policy =
                switch member.objective {
                case .generative: try network(member, .ddpm, name: "state_ddpm_s\(member.seedNumber)")
                case .regression:
                    RegressionPolicy(name: "state_behaviour_cloning", network: try network(member, .ddim, name: "network"))
                }
            return AskedPolicy(policy: policy, view: .state, needsTruth: true)
        }
    }
}
