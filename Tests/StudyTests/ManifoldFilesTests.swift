import Basics
import Compute
import Foundation
import Probes
import Runs
import Synchronization
import Testing
import TestSupport

@testable import Study

@Suite struct ManifoldFilesTests {
    private static let tiny = """
        probes: {names: [p17]}
        manifolds:
          shapes: [star]
          points: [20, 30]
          seeds: 2
          samples: 32
          large: {layers: 2, width: 32}
          batch_size: 16
          authors: {steps_few_points: 12}
          corrected: {steps: 12}

        """

    private func folder(_ experiment: TemporaryExperiment) throws -> RunFolder {
        let file = try experiment.load()
        let configuration = try file.runConfiguration()
        let folder = try RunFolder(
            configuration, at: RunFolder.path(for: configuration, results: experiment.folder + "/results")
        ) { _ in configuration }
        try FileSystem.makeFolder(folder.path("manifolds"))
        return folder
    }

    @Test func `what is written is read back, training points included`() throws {
        let experiment = try TemporaryExperiment.minimal(Self.tiny)
        let configuration = try experiment.load().settings.manifolds
        let files = ManifoldFiles(folder: try folder(experiment)), root = Seed(3)
        try ManifoldStudy(configuration, root: root, pool: WorkerPool(workers: 2)).run(configuration.cells, keeper: files) { _, _ in }
        let runs = try files.read(configuration, root: root)
        #expect(runs.count == 2 * 2 * 2 * 5)
        let large = try #require(runs.first { $0.capacity == "large" && $0.settings == "authors" && $0.points == 30 })
        #expect(large.steps == 12 && large.parameters == 1250 && large.timesteps.first == 0 && large.timesteps.last == 99)
        #expect(large.flowSteps == 101 && large.flowLines.count == 12 * 101 * 2 && large.loss != nil)
        #expect(ManifoldShape.star.curve.distances(of: large.training).allSatisfy { $0 < 1e-6 })
        #expect(runs.first { $0.capacity == "truth" }?.loss == nil)
    }

    @Test func `finished cells are kept and a stopped one goes on`() throws {
        let experiment = try TemporaryExperiment.minimal(Self.tiny)
        let configuration = try experiment.load().settings.manifolds
        let files = ManifoldFiles(folder: try folder(experiment))
        let study = ManifoldStudy(configuration, root: Seed(3), pool: WorkerPool(workers: 1))
        let cells = configuration.cells.filter { $0.model == .small && $0.seed == 0 }
        #expect(throws: Failure.self) {
            try study.run(cells, keeper: files) { cell, step in
                if cell == cells[1], step == 7 { throw Failure(.interrupted, "stopped") }
            }
        }
        #expect(files.isFinished(cells[0]) && !files.isFinished(cells[1]))
        #expect(try files.saved(cells[1])?.tensors["step"]?.values == [7])
        let first = Mutex<Int?>(nil)
        try study.run([cells[1]], keeper: files) { _, step in first.withLock { $0 = $0 ?? step } }
        #expect(first.withLock { $0 } == 7)
        #expect(try files.isFinished(cells[1]) && files.saved(cells[1]) == nil)
    }

    @Test func `every experiment has the authors' network in its paper profile`() throws {
        for name in ["tabletop-lift", "robosuite-lift"] {
            let file = try ExperimentFile.load("\(SharedData.root)/experiments/\(name).yaml", profile: "paper")
            #expect(file.settings.manifolds.large == ManifoldNetwork.Size(layers: 10, width: 1024))
            #expect(file.settings.manifolds.batchSize == 4096)
        }
    }
}
