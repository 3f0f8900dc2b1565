import Basics
import Networks
import Policies
import Probes
import Training

/// What the trained denoiser, its controls and the oracles say the clean sequence is, at noisy true sequences of
/// held-out observations.
struct DenoiserMeasurement {
    private let maker: PolicyMaker
    /// Noise levels, as fractions of a process's levels.
    private static let levels = [0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9]

    init(_ maker: PolicyMaker) { self.maker = maker }

    func all(_ conditions: [QueryCondition], _ answers: [GeneratedChunks]) throws -> [DenoiserAnswers] {
        guard let condition = conditions.first(where: { $0.condition == .heldout }) else { return [] }
        let entries = maker.study.catalogue.entries
        let truth = StudyChunks(try maker.data()).chunks(at: condition.frames)
        let settings = maker.study.settings
        // Every network at noisy sequences of its own process.
        func inputs(_ process: any GenerativeProcess) -> NoisyTruth {
            NoisyTruth(truth, process, condition: condition.condition, levels: Self.levels, seed: settings.root / "denoiser")
        }
        let networks = try entries.filter { $0.denoiser == .network }.compactMap { entry -> DenoiserAnswers? in
            guard let network = try entry.make(maker) as? DiffusionPolicy else { return nil }
            let inputs = inputs(network.process)
            return inputs.answers(
                entry.id,
                network.evaluate(
                    noisy: inputs.noisy, timesteps: inputs.timestep, conditions: network.encode(condition.observations),
                    rows: inputs.observation))
        }
        // Oracles before the rest, the order of the tables.
        let constant = entries.filter { $0.denoiser == .constant }
        let ordered = constant.filter { $0.id.role.isOracle } + constant.filter { !$0.id.role.isOracle }
        let subject = inputs(try maker.subjectProcess())
        return networks + ordered.compactMap { entry in
            guard let generated = answers.first(where: { $0.policy == entry.id && $0.condition == condition.condition }) else {
                return nil
            }
            let first = generated.sample.indices.filter { generated.sample[$0] == 0 }
            return subject.answers(entry.id, constant: generated.chunks.selecting(first))
        }
    }
}

/// x_t of every true sequence at every level of a process, one draw each; the draws are the same for every process.
private struct NoisyTruth {
    let condition: Condition
    let timestep: [Int]
    let mixture: [Mixture]
    let observation: [Int]
    let cluster: [Int]
    let noisy: [Float]
    private let process: any GenerativeProcess
    private let width: Int

    init(_ truth: Chunks, _ process: any GenerativeProcess, condition: Condition, levels: [Double], seed: Seed) {
        let steps = levels.map { min(process.levels - 1, Int($0 * Double(process.levels))) }
        self.process = process
        self.condition = condition
        width = truth.width
        timestep = steps.flatMap { step in (0..<truth.count).map { _ in step } }
        mixture = timestep.map(process.mixture)
        observation = steps.flatMap { _ in 0..<truth.count }
        cluster = observation.map { truth.demonstration[$0] }
        noisy = steps.flatMap { step in
            (0..<truth.count).flatMap { row in
                var source = RandomSource(seed / step / row)
                return (0..<truth.width).map {
                    process.noised(truth.values[row * truth.width + $0], noise: Float(source.normal()), at: step)
                }
            }
        }
    }

    /// From a network's answers.
    func answers(_ policy: PolicyID, _ given: [Float]) -> DenoiserAnswers {
        let clean = given.indices.map { process.clean(noisy: noisy[$0], answer: given[$0], at: timestep[$0 / width]) }
        return answers(policy, clean: clean)
    }

    /// From one sequence per observation.
    func answers(_ policy: PolicyID, constant: Chunks) -> DenoiserAnswers {
        answers(policy, clean: observation.flatMap { constant.values[$0 * width..<($0 + 1) * width] })
    }

    private func answers(_ policy: PolicyID, clean: [Float]) -> DenoiserAnswers {
        DenoiserAnswers(
            policy: policy, condition: condition, timestep: timestep, mixture: mixture, observation: observation,
            cluster: cluster, noisy: noisy, clean: clean)
    }
}
