import Basics
import Foundation
import Study
import Testing
import TestSupport

@Suite struct RunFolderTests {
    private func open(_ experiment: ExperimentFile, _ results: String) throws -> RunFolder {
        try RunFolder(experiment, at: try RunFolder.path(for: experiment.settings, results: results))
    }

    @Test func `a run's folder is named by configuration and seed and holds the resolved configuration`() throws {
        let experiment = try TemporaryExperiment.minimal(), file = try experiment.load("seed=5")
        let run = try open(file, experiment.folder + "/results")
        #expect(run.path.hasSuffix("/results/mine/study-\(try file.settings.configurationHash())-s5"))
        #expect(!run.wasThere)
        #expect(try ExperimentFile.load(run.path("config.yaml")).settings == file.settings)
        #expect(try String(contentsOfFile: run.path("overrides.txt"), encoding: .utf8) == "seed=5\n")
    }

    @Test func `a second holder is refused and the first is named`() throws {
        let experiment = try TemporaryExperiment.minimal(), file = try experiment.load()
        let first = try open(file, experiment.folder)
        let failure = try #require(throws: Failure.self) { try open(file, experiment.folder) }
        #expect(failure.kind == .cannotCreate)
        #expect(failure.found?.contains("process \(getpid()) ") == true)
        withExtendedLifetime(first) {}
    }

    @Test func `a released run is picked up, also with another number of workers`() throws {
        let experiment = try TemporaryExperiment.minimal()
        _ = try open(try experiment.load(), experiment.folder)
        #expect(try open(try experiment.load("workers=1"), experiment.folder).wasThere)
    }

    @Test func `a folder that holds another configuration is refused`() throws {
        let experiment = try TemporaryExperiment.minimal(), file = try experiment.load()
        let path = try open(file, experiment.folder).path
        let other = try experiment.load("probes.samples=9")
        let failure = try #require(throws: Failure.self) { try RunFolder(other, at: path) }
        #expect(failure.kind == .cannotCreate)
    }

    @Test func `a results place that cannot be written is refused`() throws {
        let experiment = try TemporaryExperiment.minimal(), file = try experiment.load()
        let failure = try #require(throws: Failure.self) { try open(file, experiment.path + "/results") }
        #expect(failure.kind == .cannotCreate)
        #expect(failure.remedy?.contains("--results") == true)
    }
}
