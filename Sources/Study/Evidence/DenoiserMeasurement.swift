import Basics
import Networks
import Policies
import Probes
import Training

/// What the trained denoiser, its controls and the oracles say the clean sequence is, at noisy true sequences of
/// held-out observations.
struct DenoiserMeasurement {
    private let policies: StudyPolicies
    /// Noise levels, as fractions of the schedule.
    private static let levels = [0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9]
    /// Answers that do not depend on the noisy sequence.
    private static let oracles = ["memorizer", "interpolator", "generalizer", "behaviour_cloning", "mean"]

    init(_ policies: StudyPolicies) { self.policies = policies }

    func all(_ conditions: [QueryCondition], _ answers: [GeneratedChunks]) throws -> [DenoiserAnswers] {
        let name = GeneratedChunks.Condition.heldout
        guard let condition = conditions.first(where: { $0.name == name }) else { return [] }
        let settings = policies.study.settings, data = try policies.study.data(policies.run)
        let truth = StudyChunks(data).chunks(at: condition.frames)
        let inputs = NoisyTruth(truth, settings, condition: name, levels: Self.levels)
        var networks = [("diffusion_ddpm", try policies.headline(.ddpm))]
        networks.append(("random_init", try policies.untrained(policies.members.diffusion[0], name: "random_init")))
        if let step = halfTrained {
            networks.append(
                (
                    "half_trained",
                    try policies.network(
                        policies.members.diffusion[0], .ddim, name: "half_trained", checkpoint: CheckpointStore.name(of: step))
                ))
        }
        var result = networks.map { policy, network in
            inputs.answers(policy, network.evaluate(
                noisy: inputs.noisy, timesteps: inputs.timestep, conditions: network.encode(condition.observations),
                rows: inputs.observation))
        }
        for oracle in Self.oracles {
            guard let generated = answers.first(where: { $0.policy == oracle && $0.condition == name }) else { continue }
            let first = generated.sample.indices.filter { generated.sample[$0] == 0 }
            result.append(inputs.answers(oracle, constant: generated.chunks.selecting(first)))
        }
        return result
    }

    /// The audited checkpoint nearest to half of the training.
    private var halfTrained: Int? {
        let training = policies.study.settings.diffusion.training
        return training.auditedSteps.min { abs(2 * $0 - training.steps) < abs(2 * $1 - training.steps) }
    }
}

/// x_t = √ᾱ_t a + √(1 - ᾱ_t) ε of every true sequence at every level, one draw each.
private struct NoisyTruth {
    let condition: String
    let timestep: [Int]
    let alphaBar: [Double]
    let observation: [Int]
    let cluster: [Int]
    let noisy: [Float]
    private let process: DenoisingProcess
    private let width: Int

    init(_ truth: Chunks, _ settings: Settings, condition: String, levels: [Double]) {
        let process = settings.sampler(.ddpm)
        let steps = levels.map { min(process.levels - 1, Int($0 * Double(process.levels))) }
        self.process = process
        self.condition = condition
        width = truth.width
        timestep = steps.flatMap { step in (0..<truth.count).map { _ in step } }
        alphaBar = timestep.map(process.schedule.alphaBar)
        observation = steps.flatMap { _ in 0..<truth.count }
        cluster = observation.map { truth.demonstration[$0] }
        noisy = steps.flatMap { step in
            (0..<truth.count).flatMap { row in
                var source = RandomSource(settings.root / "denoiser" / step / row)
                return (0..<truth.width).map {
                    process.noised(truth.values[row * truth.width + $0], noise: Float(source.normal()), at: step)
                }
            }
        }
    }

    /// From a network's answers.
    func answers(_ policy: String, _ given: [Float]) -> DenoiserAnswers {
        let clean = given.indices.map { process.clean(noisy: noisy[$0], answer: given[$0], at: timestep[$0 / width]) }
        return answers(policy, clean: clean)
    }

    /// From one sequence per observation.
    func answers(_ policy: String, constant: Chunks) -> DenoiserAnswers {
        answers(policy, clean: observation.flatMap { constant.values[$0 * width..<($0 + 1) * width] })
    }

    private func answers(_ policy: String, clean: [Float]) -> DenoiserAnswers {
        DenoiserAnswers(
            policy: policy, condition: condition, timestep: timestep, alphaBar: alphaBar, observation: observation,
            cluster: cluster, noisy: noisy, clean: clean)
    }
}
