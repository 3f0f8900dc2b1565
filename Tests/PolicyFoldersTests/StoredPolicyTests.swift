import Basics
import Foundation
import Networks
import Policies
import Safetensors
import TestSupport
import Testing

@testable import PolicyFolders

/// A policy's folder answers what the policy in memory answers.
@Suite struct StoredPolicyTests {
    @Test(arguments: DenoisingProcess.Kind.allCases, [["front_image", "hand_image"], []])
    func `a diffusion policy's folder answers to the bit as the policy that was written`(sampler: DenoisingProcess.Kind, cameras: [String]) throws {
        let written = try WrittenPolicies(cameras: cameras)
        let stored = try written.storedDiffusion.sampling(by: sampler), policy = try written.diffusion(stored)
        let read = try PolicyFolder.read(written.folder + "/diffusion")
        #expect(read as? StoredDiffusion == stored)
        let observations = [written.observation(), written.observation(9)]
        let answers = try read.policy(from: written.folder + "/diffusion", pool: written.pool).predict(observations, samples: 3, seed: Seed(7))
        #expect(try answers == policy.predict(observations, samples: 3, seed: Seed(7)))
    }

    @Test(arguments: [StoredLookupTable.Key.Layer.head, .features], [false, true])
    func `a lookup table's folder answers to the bit as the table that was written`(layer: StoredLookupTable.Key.Layer, pose: Bool) throws {
        let written = try WrittenPolicies(), table = try written.table(layer, pose: pose)
        let read = try PolicyFolder.read(written.folder + "/alt").policy(from: written.folder + "/alt", pool: written.pool)
        let observations = [written.observation(), written.observation(0), written.set.observation(written.windows.map(WrittenPolicies.layout.currentFrame)[3], steps: 2)]
        let answers = try read.predict(observations, samples: 4, seed: Seed(0))
        #expect(try answers == table.predict(observations, samples: 4, seed: Seed(0)))
        #expect(answers[2][0].isOutOfDistribution == false)
    }

    @Test func `the folder of a table on ImageNet's trunk says so, and answers as the table`() throws {
        let written = try WrittenPolicies(), table = try written.table(.head, pose: false, .imagenet)
        let read = try PolicyFolder.read(written.folder + "/alt")
        #expect((read as? StoredLookupTable)?.encoder.trunk == .imagenet)
        let observations = [written.observation(), written.observation(0)]
        let answers = try read.policy(from: written.folder + "/alt", pool: written.pool).predict(observations, samples: 4, seed: Seed(0))
        #expect(try answers == table.predict(observations, samples: 4, seed: Seed(0)))
    }

    @Test func `the example is what a query with its observation answers`() throws {
        let written = try WrittenPolicies()
        _ = try (written.diffusion(written.storedDiffusion), written.table(.head, pose: false))
        for (name, samples) in [("diffusion", 2), ("alt", 5)] {
            let path = "\(written.folder)/\(name)/example.safetensors", query = try PolicyQuery(written.folder, policy: name)
            let answer = try query.answer(query.observation(path), samples: samples, pool: written.pool)
            let sequences = try Safetensors.read(path).tensor("answer/sequences", shape: [samples, 8, 2]).values
            #expect(answer.actionSequences.flatMap { $0.flatMap { $0 } } == sequences)
            #expect((answer.executeFrom, answer.executeSteps) == (1, 4))
        }
    }

    @Test func `the noise in the example leads to its sequences`() throws {
        let written = try WrittenPolicies(cameras: []), stored = written.storedDiffusion, policy = try written.diffusion(stored)
        let example = try Safetensors.read(written.folder + "/diffusion/example.safetensors")
        let noise = try example.tensor("answer/noise", shape: [10, 2, 8, 2]).values, sequences = try example.tensor("answer/sequences").values
        let conditions = policy.encode([written.observation()])
        var x = Array(noise[..<32]), used = 1
        stored.process.reverse(
            &x, noise: { _ in
                defer { used += 1 }
                return Array(noise[used * 32..<(used + 1) * 32])
            },
            answer: { x, index in
                policy.evaluate(noisy: x, timesteps: [stored.process.timesteps[index], stored.process.timesteps[index]], conditions: conditions, rows: [0, 0])
            })
        #expect(used == 10)
        let difference = zip(written.normalizer.denormalizeActions(x), sequences).map { abs($0 - $1) }.max() ?? .infinity
        #expect(difference < 1e-3, "\(difference) of sequences up to 30")
    }

    /// Python with torch and safetensors: `ALT_PYTHON`, or python3 where it has them.
    private static let python: ExternalProgram? = {
        let name = ProcessInfo.processInfo.environment["ALT_PYTHON"] ?? "python3"
        guard let program = ExternalProgram(name), let result = try? program.run(["-c", "import torch, safetensors.torch"]) else { return nil }
        return result.status == 0 ? program : nil
    }()

    private func check(_ written: WrittenPolicies, _ script: String, _ policy: String) throws {
        let python = try #require(Self.python)
        for (name, content) in PolicyFolder.guides { try AtomicFile.write(content, to: "\(written.folder)/\(name)") }
        let result = try python.run([script, policy], in: written.folder)
        #expect(result.status == 0 && result.output.hasPrefix("largest difference"), "\(result.output)\(result.error)")
    }

    @Test(.enabled(if: python != nil, "needs Python with torch and safetensors: set ALT_PYTHON"), arguments: DenoisingProcess.Kind.allCases, [true, false])
    func `PyTorch gives our sequences from the same noise`(sampler: DenoisingProcess.Kind, clip: Bool) throws {
        let written = try WrittenPolicies(height: 13)
        var stored = try written.storedDiffusion.sampling(by: sampler)
        stored.noise.clip = clip
        _ = try written.diffusion(stored)
        try check(written, "load_diffusion.py", "diffusion")
        // What agrees must be able to disagree.
        let path = written.folder + "/diffusion/model.safetensors", file = try Safetensors.read(path)
        try Safetensors.write(
            file.names.map { name in
                let tensor = file.tensors[name] ?? Tensor(0)
                return (name, name == "model.mid_modules.1.blocks.0.block.0.weight" ? Tensor(shape: tensor.shape, values: tensor.values.map { -$0 }) : tensor)
            }, metadata: [:], to: path)
        let result = try #require(Self.python).run(["load_diffusion.py", "diffusion"], in: written.folder)
        #expect(result.status == 1 && result.error.contains("differ"))
    }

    @Test(.enabled(if: python != nil, "needs Python with torch and safetensors: set ALT_PYTHON"))
    func `PyTorch gives our sequences with the reference's encoder`() throws {
        let written = try WrittenPolicies(height: 40, width: 40)
        var stored = written.storedDiffusion
        (stored.interface.imageSize, stored.encoder.variant, stored.encoder.channels) = (36, .resnet18, [16, 32])
        _ = try written.diffusion(stored)
        try check(written, "load_diffusion.py", "diffusion")
    }

    @Test(
        .enabled(if: python != nil, "needs Python with torch and safetensors: set ALT_PYTHON"), arguments: [StoredLookupTable.Key.Layer.head, .features],
        [false, true])
    func `PyTorch finds our rows`(layer: StoredLookupTable.Key.Layer, pose: Bool) throws {
        let written = try WrittenPolicies()
        _ = try written.table(layer, pose: pose)
        try check(written, "load_lookup_table.py", "alt")
    }

    @Test(.enabled(if: python != nil, "needs Python with torch and safetensors: set ALT_PYTHON"))
    func `PyTorch finds our rows by ImageNet's trunk`() throws {
        let written = try WrittenPolicies()
        _ = try written.table(.head, pose: false, .imagenet)
        try check(written, "load_lookup_table.py", "alt")
    }
}
