import Basics
import Foundation
import Runs
import Study
import Synchronization
import Tabletop
import TestSupport

/// A whole study in about a second: eight generated demonstrations, the smallest networks.
struct TinyStudy {
    /// Made once for all tests of a process.
    static let dataset: Result<String, any Error> = Result {
        let path = try SharedData.temporaryFolder() + "/lift.hdf5"
        var settings = TabletopGenerator.Configuration()
        settings.demonstrations = 8
        let console = Console(isTerminal: false, isQuiet: true) { _ in }
        _ = try DatasetGeneration.write(settings, to: path, workers: 2, progress: ProgressReporter(console))
        return path
    }

    /// The folder of a finished run with everything, pictures included, for tests that read it. Made once for all tests of a process.
    static let finished: Result<String, any Error> = Result { try TinyStudy().run(pictures: true).path }

    let experiment: TemporaryExperiment
    /// Everything the run said.
    let said = Said()

    final class Said: Sendable {
        private let text = Mutex("")
        func add(_ more: String) { text.withLock { $0 += more } }
        var all: String { text.withLock { $0 } }
    }

    /// - Parameter data: another file than the generated one.
    init(data: String? = nil) throws {
        experiment = try TemporaryExperiment(
            """
            experiment: tiny
            data:
              path: \(data ?? Self.dataset.get())
              split: {train: 2, reference: 2}
            image: {crop: 16}
            diffusion:
              encoder: {channels: [4], keypoints: 2, features: 4}
              unet: {down_dims: [8, 8], step_embedding: 8, kernel_size: 3, group_count: 4}
              noise: {steps: 4}
              training: {steps: 120, batch_size: 4, learning_rate: 1.0e-4, warmup_steps: 2, checkpoint_every: 20, audited_steps: [30]}
              samplers: {ddpm: 4, ddim: 2}
              twin: true
            alt:
              encoder: {channels: [4], keypoints: 2, features: 4, embedding: 4}
              training: {epochs: 2, batch_size: 16, checkpoint_every: 5}
              threshold: {false_alarm_rate: 0.4}
            behaviour_cloning: {steps: 4, state_steps: 4, images: true, two_step: true}
            flow_matching: {levels: 8, sampling_steps: 4, steps: 4, state_steps: 4}
            action_chunking:
              transformer: {width: 8, heads: 2, feed_forward: 8, encoder_layers: 1, decoder_layers: 1}
              steps: 4
              state_steps: 4
            state: {unet: null, steps: 6, learning_rate: null, seeds: 2, sizes: [3], splits: 2, spacing: false}
            rollouts: {starts: 2, primary_starts: 3, reference_starts: 2, choice_starts: 2, steps: 20, moved_at: 8}
            manifolds:
              shapes: [star]
              points: [20]
              settings: [corrected]
              seeds: 1
              samples: 16
              large: {layers: 1, width: 8}
              batch_size: 8
              corrected: {steps: 5}
            probes:
              frames_per_demonstration: 2
              samples: 2
              images_per_class: 2
              photographs: absent
              resamples: 20
              latency_queries: 2
              reference_size: false

            """)
    }

    func path(_ results: String, _ overrides: [String] = []) throws -> String {
        let file = try ExperimentFile.load(experiment.path, overrides: overrides).namingObservations()
        return RunFolder.path(for: try file.runConfiguration(), results: experiment.folder + "/" + results)
    }

    /// Runs every stage.
    /// - Parameter pictures: whether figures are drawn, which takes as long as all the rest
    @discardableResult
    func run(
        _ results: String = "results", _ overrides: [String] = [], pictures: Bool = false, interruption: Interruption = Interruption()
    ) throws -> RunSession.Outcome {
        let said = said
        let file = try ExperimentFile.load(experiment.path, overrides: overrides)
        return try Study.run(
            file, results: experiment.folder + "/" + results, drawsPictures: pictures, command: ["alt", "run"], program: .undisclosed,
            console: Console(isTerminal: false) { said.add($0) }, interruption: interruption)
    }
}
