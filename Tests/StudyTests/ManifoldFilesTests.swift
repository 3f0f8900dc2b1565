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

    private func files(_ experiment: TemporaryExperiment, root: Seed = Seed(3)) throws -> ManifoldFiles {
        let configuration = RunConfiguration(experiment: "mine", hash: "0123abcd", dataHash: "fedcba98", seed: 0, yaml: "", overrides: [])
        let run = RunContext.looking(
            at: configuration, in: experiment.folder + "/results/mine/run", program: .undisclosed,
            console: Console(isTerminal: false) { _ in }, interruption: Interruption())
        return ManifoldFiles(try experiment.load().settings.manifolds, root: root, run)
    }

    @Test func `what is written is read back, training points included`() throws {
        let experiment = try TemporaryExperiment.minimal(Self.tiny)
        let configuration = try experiment.load().settings.manifolds
        let root = Seed(3), files = try files(experiment, root: root)
        try ManifoldStudy(configuration, root: root, pool: WorkerPool(workers: 2)).run(configuration.cells, keeper: files) { _, _ in }
        let runs = try files.read()
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
        let files = try files(experiment)
        let study = ManifoldStudy(configuration, root: Seed(3), pool: WorkerPool(workers: 1))
        let cells = configuration.cells.filter { $0.model == .small && $0.seed == 0 }
        #expect(throws: Failure.self) {
            try study.run(cells, keeper: files) { cell, step in
                if cell == cells[1], step == 7 { throw Failure(.interrupted, "stopped") }
            }
        }
        #expect(files.isFinished(cells[0]) && !files.isFinished(cells[1]))
        let first = Mutex<Int?>(nil)
        try study.run([cells[1]], keeper: files) { _, step in first.withLock { $0 = $0 ?? step } }
        #expect(first.withLock { $0 } == 7)
        #expect(files.isFinished(cells[1]))
    }

    @Test func `one changed bit in a cell or in the state of a stopped one is noticed`() throws {
        let experiment = try TemporaryExperiment.minimal(Self.tiny)
        let configuration = try experiment.load().settings.manifolds, files = try files(experiment)
        let study = ManifoldStudy(configuration, root: Seed(3), pool: WorkerPool(workers: 1))
        let cell = try #require(configuration.cells.first { $0.model == .small })
        func flip(_ path: String) throws {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count - 9] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        #expect(throws: Failure.self) {
            try study.run([cell], keeper: files) { _, step in if step == 7 { throw Failure(.interrupted, "stopped") } }
        }
        let entry = files.run.folder.path(ManifoldFiles.link(cell))
        try flip(entry + "/state.safetensors")
        let first = Mutex<Int?>(nil)
        try study.run([cell], keeper: files) { _, step in first.withLock { $0 = $0 ?? step } }
        #expect(first.withLock { $0 } == 0)
        let path = files.run.folder.path(ManifoldFiles.path(cell)), whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try flip(path)
        #expect(throws: Failure.self) { try files.read() }
        try study.run([cell], keeper: files) { _, _ in }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
    }

    @Test func `every experiment has the authors' network in its paper profile`() throws {
        for name in ["tabletop-lift", "robosuite-lift"] {
            let file = try ExperimentFile.load("\(SharedData.root)/experiments/\(name).yaml", profile: "paper")
            #expect(file.settings.manifolds.large == ManifoldNetwork.Size(layers: 10, width: 1024))
            #expect(file.settings.manifolds.batchSize == 4096)
        }
    }
}
