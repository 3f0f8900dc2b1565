import Basics
import Demonstrations
import Foundation
import Networks
import Policies
import Safetensors
import TestSupport
import Testing

@testable import PolicyFolders

/// lerobot's own answers, computed in double precision, against ours.
@Suite struct LeRobotPolicyTests {
    private let pool = WorkerPool(workers: 2)
    /// Times what lerobot itself loses in float32.
    private static let tolerance: Float = 8

    @Test(.enabled(if: !LeRobotGolden.variants.isEmpty, LeRobotGolden.missing), arguments: LeRobotGolden.variants)
    func `features, the network's answer and sampled sequences are lerobot's`(_ source: String) throws {
        let golden = try LeRobotGolden(source)
        try golden.writeModel()
        let folder = try LeRobotFolder.read(golden.folder), policy = try folder.policy(pool: pool)
        #expect(LeRobotFolder.isOne(golden.folder))
        try expectGolden(golden, folder, policy)
    }

    private func expectGolden(_ golden: LeRobotGolden, _ folder: LeRobotFolder, _ policy: DiffusionPolicy) throws {
        let file = golden.file, observations = try golden.observations(folder), conditions = policy.encode(observations)
        func expect(_ name: String, _ values: [Float], times tolerance: Float = Self.tolerance) throws {
            let difference = Difference.relative(values, try file.tensor(name).values), own = try golden.ownDifference(name)
            #expect(difference <= tolerance * own, "\(name): \(difference), lerobot's own \(own)")
        }
        let width = folder.state.width
        let steps = observations.flatMap(\.lowDim).map(policy.normalizer.normalizeLowDim)
        try expect("state_normalized", steps.flatMap { $0[..<width] })
        try expect("condition", theirs(conditions.array, folder))
        let noise = try file.tensor("noise").values, timesteps = try golden.timesteps()
        let answer = policy.evaluate(noisy: noise, timesteps: timesteps, conditions: conditions, rows: [0, 1])
        try expect("epsilon", answer)

        var x = noise
        let draws = file.tensors["draws"]?.values ?? [], process = policy.process
        process.reverse(&x, noise: { Array(draws[$0 * noise.count..<($0 + 1) * noise.count]) }) { x, index in
            policy.evaluate(
                noisy: x, timesteps: [process.timesteps[index], process.timesteps[index]], conditions: conditions, rows: [0, 1])
        }
        try expect("chunk_normalized", x)
        let windows = folder.windows, a = folder.actionDimension, first = windows.observationSteps - 1
        let raw = policy.normalizer.denormalizeActions(x)
        var executed: [Float] = []
        for row in 0..<2 {
            let start = row * windows.horizon + first
            executed += raw[start * a..<(start + windows.executedSteps) * a]
        }
        try expect("chunk", executed)
        // There and back again: probes bring raw actions into these units.
        #expect(Difference.relative(policy.normalizer.normalizeActions(raw), x) < 1e-5)
    }

    /// Conditions with the columns in lerobot's order.
    private func theirs(_ conditions: [Float], _ folder: LeRobotFolder) -> [Float] {
        let network = LeRobotNetwork(folder.description), embedding = folder.description.unet.stepEmbedding
        let columns = network.columns.dropFirst(embedding).map { $0 - embedding }
        var result = conditions
        for row in 0..<conditions.count / columns.count {
            for (own, other) in columns.enumerated() { result[row * columns.count + other] = conditions[row * columns.count + own] }
        }
        return result
    }

    @Test(.enabled(if: !LeRobotGolden.variants.isEmpty, LeRobotGolden.missing))
    func `an older checkpoint, its statistics among compiled weights, answers as the newer one`() throws {
        let golden = try LeRobotGolden(LeRobotGolden.path("pusht"))
        let statistics = try Safetensors.read("\(golden.folder)/policy_preprocessor_step_3_normalizer_processor.safetensors")
        func buffers(_ group: String, _ feature: String, _ names: [String]) throws -> [(name: String, tensor: Tensor)] {
            try names.map { ("\(group).buffer_\(feature.replacing(".", with: "_")).\($0)", try statistics.tensor("\(feature).\($0)")) }
        }
        try golden.writeModel(
            extra: buffers("normalize_inputs", "observation.images.image", ["mean", "std"]) + buffers("normalize_inputs", "observation.state", ["min", "max"])
                + buffers("normalize_targets", "action", ["min", "max"]) + buffers("unnormalize_outputs", "action", ["min", "max"])
        ) { $0.replacing("diffusion.unet.", with: "diffusion.unet._orig_mod.") }
        for name in ["policy_preprocessor.json", "policy_postprocessor.json"] { try FileManager.default.removeItem(atPath: "\(golden.folder)/\(name)") }
        let folder = try LeRobotFolder.read(golden.folder)
        try expectGolden(golden, folder, folder.policy(pool: pool))
    }

    @Test(.enabled(if: !LeRobotGolden.variants.isEmpty, LeRobotGolden.missing))
    func `a folder tells what the policy is shown and answers, and its sampler may be another`() throws {
        let golden = try LeRobotGolden(LeRobotGolden.path("batch_norm_separate"))
        try golden.writeModel()
        let folder = try LeRobotFolder.read(golden.folder)
        #expect(folder.cameras.map(\.feature) == ["observation.images.front", "observation.images.side"])
        #expect(folder.cameras.map { [$0.height, $0.width] } == [[96, 128], [96, 128]])
        #expect((folder.state.feature, folder.state.width, folder.actionDimension) == ("observation.state", 6, 6))
        #expect(folder.environmentState == nil && folder.dropLastFrames == 7 && folder.manner == "ddim, 8 steps" && folder.trainingSteps == nil)
        #expect(folder.windows == WindowLayout(horizon: 64, observationSteps: 2, executedSteps: 32))
        #expect(try folder.process(sampler: (.ddpm, nil)).timesteps.count == 100)
        #expect(try folder.process(sampler: (.ddim, nil)).timesteps.count == 8)
        let failure = try #require(throws: Failure.self) { _ = try folder.process(sampler: (.ddim, 101)) }
        #expect(failure.expected == "1 to num_train_timesteps = 100" && failure.found == "101")
        try FileManager.default.createDirectory(atPath: "\(golden.folder)/../training_state", withIntermediateDirectories: true)
        try Data("{\"step\": 4000}".utf8).write(to: URL(fileURLWithPath: "\(golden.folder)/../training_state/training_step.json"))
        #expect(try LeRobotFolder.read(golden.folder).trainingSteps == 4000)

        // What predict answers is the way back from the noise of its seed.
        let policy = try folder.policy(sampler: (.ddpm, 2), pool: pool), observations = try golden.observations(folder)
        let predicted = try policy.predict(observations, samples: 1, seed: Seed(4))
        var sources = observations.indices.map { RandomSource(Seed(4) / $0 / 0) }
        func draw() -> [Float] { sources.indices.flatMap { row in (0..<64 * 6).map { _ in Float(sources[row].normal()) } } }
        var x = draw()
        let conditions = policy.encode(observations)
        policy.process.reverse(&x, noise: { _ in draw() }) { x, index in
            policy.evaluate(noisy: x, timesteps: Array(repeating: policy.process.timesteps[index], count: 2), conditions: conditions, rows: [0, 1])
        }
        #expect(Difference.first(predicted.flatMap { $0[0].actions }, policy.normalizer.denormalizeActions(x)) == nil)
    }
}
