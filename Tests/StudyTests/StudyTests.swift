import Basics
import Foundation
import Runs
import Store
import Study
import Testing

/// An experiment's file and the folder of its run.
@Suite struct StudyTests {
    private func open(_ experiment: ExperimentFile, _ results: String) throws -> RunFolder {
        let configuration = try experiment.runConfiguration()
        return try RunFolder(configuration, at: RunFolder.path(for: configuration, results: results))
    }

    @Test func `a run's folder is named by configuration and seed and holds the resolved configuration`() throws {
        let experiment = try TemporaryExperiment.withData(), file = try experiment.load("seed=5")
        let run = try open(file, experiment.folder + "/results")
        #expect(run.path.hasSuffix("/results/mine/study-\(try file.settings.configurationHash())-\(FileHash.sha256(text: "data").prefix(8))-s5"))
        #expect(!run.wasThere)
        #expect(try ExperimentFile.load(run.path("config.yaml")).settings == file.settings)
        #expect(try String(contentsOfFile: run.path("overrides.txt"), encoding: .utf8) == "seed=5\n")
    }

    @Test func `a released run is picked up, also with another number of workers`() throws {
        let experiment = try TemporaryExperiment.withData()
        _ = try open(try experiment.load(), experiment.folder)
        #expect(try open(try experiment.load("workers=1"), experiment.folder).wasThere)
    }

    @Test func `the data may lie elsewhere, and other data are another run`() throws {
        let experiment = try TemporaryExperiment.withData(), copy = experiment.folder + "/copy.hdf5"
        try Data("data".utf8).write(to: URL(fileURLWithPath: copy))
        _ = try open(try experiment.load(), experiment.folder)
        let moved = try experiment.load("data.path=\(copy)")
        #expect(try open(moved, experiment.folder).wasThere)
        #expect(try ExperimentFile.load(open(moved, experiment.folder).path("config.yaml")).settings.data.path == copy)
        try Data("other".utf8).write(to: URL(fileURLWithPath: copy))
        #expect(try !open(moved, experiment.folder).wasThere)
    }

    @Test func `a run is not resumed with another configuration or other data`() throws {
        let experiment = try TemporaryExperiment.withData(), path = try open(try experiment.load(), experiment.folder).path
        func failure() throws -> Failure {
            try #require(throws: Failure.self) {
                try Study.run(
                    ExperimentFile.load(path + "/config.yaml"), results: "", folder: path, command: [], program: .undisclosed,
                    console: Console(isTerminal: false) { _ in }, interruption: Interruption())
            }
        }
        let file = path + "/config.yaml", text = try String(contentsOfFile: file, encoding: .utf8)
        try Data(text.replacing("learning_rate: 0.0001", with: "learning_rate: 0.0003").utf8).write(to: URL(fileURLWithPath: file))
        #expect(try failure().kind == .data && failure().what.contains("config.yaml is not"))
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try Data("other".utf8).write(to: URL(fileURLWithPath: experiment.folder + "/lift.hdf5"))
        #expect(try failure().kind == .data && failure().what.contains("demonstrations are not those"))
    }

    @Test func `a folder that holds another configuration is refused`() throws {
        let experiment = try TemporaryExperiment.withData()
        let path = try open(try experiment.load(), experiment.folder).path
        let other = try experiment.load("probes.samples=9")
        let failure = try #require(throws: Failure.self) {
            try Study.run(
                other, results: "", folder: path, command: ["alt", "run"], program: .undisclosed, console: Console(isTerminal: false) { _ in },
                interruption: Interruption())
        }
        #expect(failure.kind == .data && failure.what.contains("is not what this run was made with"))
    }

    @Test func `a results place that cannot be written is refused`() throws {
        let experiment = try TemporaryExperiment.withData(), file = try experiment.load()
        let failure = try #require(throws: Failure.self) { try open(file, experiment.path + "/results") }
        #expect(failure.kind == .cannotCreate)
        #expect(failure.remedy?.contains("--results") == true)
    }
}
