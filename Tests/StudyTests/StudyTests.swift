import Basics
import Foundation
import Runs
import Study
import Testing

/// An experiment's file and the folder of its run.
@Suite struct StudyTests {
    private func open(_ experiment: ExperimentFile, _ results: String) throws -> RunFolder {
        try RunFolder(
            try experiment.runConfiguration(), at: RunFolder.path(for: try experiment.runConfiguration(), results: results)
        ) { try ExperimentFile.load($0).runConfiguration() }
    }

    @Test func `a run's folder is named by configuration and seed and holds the resolved configuration`() throws {
        let experiment = try TemporaryExperiment.minimal(), file = try experiment.load("seed=5")
        let run = try open(file, experiment.folder + "/results")
        #expect(run.path.hasSuffix("/results/mine/study-\(try file.settings.configurationHash())-s5"))
        #expect(!run.wasThere)
        #expect(try ExperimentFile.load(run.path("config.yaml")).settings == file.settings)
        #expect(try String(contentsOfFile: run.path("overrides.txt"), encoding: .utf8) == "seed=5\n")
    }

    @Test func `a released run is picked up, also with another number of workers`() throws {
        let experiment = try TemporaryExperiment.minimal()
        _ = try open(try experiment.load(), experiment.folder)
        #expect(try open(try experiment.load("workers=1"), experiment.folder).wasThere)
    }

    @Test func `a folder that holds another configuration is refused`() throws {
        let experiment = try TemporaryExperiment.minimal()
        let path = try open(try experiment.load(), experiment.folder).path
        let other = try experiment.load("probes.samples=9")
        let failure = try #require(throws: Failure.self) {
            try Study.run(
                other, results: "", folder: path, command: ["alt", "run"], console: Console(isTerminal: false) { _ in },
                interruption: Interruption())
        }
        #expect(failure.kind == .cannotCreate && failure.what.contains("another configuration"))
    }

    @Test func `a results place that cannot be written is refused`() throws {
        let experiment = try TemporaryExperiment.minimal(), file = try experiment.load()
        let failure = try #require(throws: Failure.self) { try open(file, experiment.path + "/results") }
        #expect(failure.kind == .cannotCreate)
        #expect(failure.remedy?.contains("--results") == true)
    }
}
