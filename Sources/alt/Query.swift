import ArgumentParser
import Basics
import Configuration
import Demonstrations
import Networks
import PolicyFolders
import Runs
import Store
import Study

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a policy of a run about one observation; the answer is JSON.",
        discussion: """
            Examples:
              alt query RUN --observation RUN/policy/diffusion/example.safetensors --samples 2
              alt query RUN --observation datasets/lift.hdf5 --demonstration demo_3 --frame 17 --policy alt
              alt query RUN/policy/diffusion --observation now.safetensors --sampler ddim

            An observation is a safetensors file with every key of config.json's `observation` as [steps, ...], the oldest step first:
            images uint8 [steps, height, width, 3], the rest float32; or a frame of a robomimic file. Only RUN/policy is read.
            """)

    @Argument(help: "A run's folder, or a policy's.", completion: .directory) var folder: String
    @Option(help: "A safetensors file; with --demonstration a robomimic HDF5 file.", completion: .file()) var observation: String
    @Option(help: "A policy's name in RUN/policy; the diffusion policy by default.") var policy: String?
    @Option(help: "ddpm or ddim; the policy's own by default.") var sampler: DenoisingProcess.Kind?
    @Option(help: "Sequences; of a lookup table the best, second best, ...") var samples = 1
    @Option(help: "Of the noise; 0 by default.") var seed: Int?
    @Option(help: "A demonstration of the HDF5 file.") var demonstration: String?
    @Option(help: "A frame of that demonstration.") var frame: Int?
    @Option(help: "Threads; the answer does not depend on it.") var workers = 2
    @OptionGroup var said: ConsoleOptions

    func validate() throws {
        guard (demonstration == nil) == (frame == nil) else { throw ValidationError("--demonstration and --frame go together") }
        if demonstration == nil, [".hdf5", ".h5"].contains(where: observation.hasSuffix) {
            throw ValidationError("\(observation) is a file of demonstrations: say which frame with --demonstration and --frame")
        }
        try Rule.within(1...10_000).check(samples, "--samples")
        if let seed { try Rule.seed.check(seed, "--seed") }
        if let frame { try Rule.count(from: 0).check(frame, "--frame") }
        try Settings.workersRule.check(workers, "--workers")
    }

    func run() throws {
        let query = try PolicyQuery(folder, policy: policy, sampler: sampler)
        let observed =
            if let demonstration, let frame {
                try recorded(query, demonstration, frame)
            } else { try query.observation(observation) }
        try Output.print(JSONFile.line(query.answer(observed, samples: samples, seed: seed, pool: WorkerPool(workers: workers))))
    }

    private func recorded(_ query: PolicyQuery, _ demonstration: String, _ frame: Int) throws -> Observation {
        var meter: ProgressMeter?
        defer { meter?.finish() }
        return try query.observation(observation, demonstration: demonstration, frame: frame, workers: workers) { done, total in
            if meter == nil { meter = ProgressReporter(said.console).start("loading demonstrations", total: total) }
            meter?.update(done)
        }
    }
}

extension DenoisingProcess.Kind: ExpressibleByArgument {}
