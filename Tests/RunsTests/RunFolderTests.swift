import Basics
import Foundation
import Testing
import TestSupport

@testable import Runs

@Suite struct RunFolderTests {
    private func open(_ results: String, _ configuration: RunConfiguration = .fake) throws -> RunFolder {
        try RunFolder(configuration, at: RunFolder.path(for: .fake, results: results))
    }

    @Test func `a run's folder is named by configuration and seed and holds both files of it`() throws {
        let run = try open(try SharedData.temporaryFolder())
        #expect(run.path.hasSuffix("/mine/study-0123abcd-fedcba98-s5"))
        #expect(!run.wasThere)
        #expect(try String(contentsOfFile: run.path("config.yaml"), encoding: .utf8) == "seed: 5\n")
        #expect(try String(contentsOfFile: run.path("overrides.txt"), encoding: .utf8) == "seed=5\n")
    }

    @Test func `a second holder is refused and the first is named`() throws {
        let results = try SharedData.temporaryFolder()
        let first = try open(results)
        let failure = try #require(throws: Failure.self) { try open(results) }
        #expect(failure.kind == .cannotCreate)
        #expect(failure.found?.contains("process \(getpid()) ") == true)
        withExtendedLifetime(first) {}
    }

    @Test func `a released run is picked up, one of another hash or seed is refused`() throws {
        let results = try SharedData.temporaryFolder()
        _ = try open(results)
        #expect(try open(results).wasThere)
        for (hash, seed) in [("76543210", 5), ("0123abcd", 6)] {
            let other = RunConfiguration(
                experiment: "mine", hash: hash, dataHash: "fedcba9876543210", seed: seed, yaml: "", overrides: [])
            let failure = try #require(throws: Failure.self) { try open(results, other) }
            #expect(failure.kind == .cannotCreate)
            #expect(failure.found == "configuration 0123abcd, data fedcba98, seed 5")
        }
    }

    @Test func `a results place that cannot be written is refused`() throws {
        let file = try SharedData.temporaryFolder() + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        let failure = try #require(throws: Failure.self) { try open(file + "/results") }
        #expect(failure.kind == .cannotCreate)
        #expect(failure.remedy?.contains("--results") == true)
    }

    @Test func `leftovers of a killed process are gone when the run is picked up`() throws {
        let results = try SharedData.temporaryFolder(), path = try open(results).path
        for name in ["summary.csv.12.partial", "plots/x.partial/x.svg"] {
            try FileSystem.makeFolder(PathName.folder(of: path + "/" + name))
            try Data().write(to: URL(fileURLWithPath: path + "/" + name))
        }
        _ = try open(results)
        #expect(!FileSystem.exists(path + "/summary.csv.12.partial") && !FileSystem.exists(path + "/plots/x.partial"))
    }

    @Test(arguments: ["run.json", "config.yaml", "overrides.txt"])
    func `a damaged file that says what the run is, is written anew and said so`(name: String) throws {
        let results = try SharedData.temporaryFolder(), path = try open(results).path + "/" + name
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for place in whole.indices {
            var damaged = whole
            damaged[place] ^= 1
            try damaged.write(to: URL(fileURLWithPath: path))
            let run = try open(results)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
            #expect(run.repairs.contains { $0.contains(name) })
        }
    }

    @Test func `a folder of the older layout is named as such and left alone`() throws {
        let results = try SharedData.temporaryFolder(), path = RunFolder.path(for: .fake, results: results)
        try FileSystem.makeFolder(path)
        try Data("seed: 5\n".utf8).write(to: URL(fileURLWithPath: path + "/config.yaml"))
        let failure = try #require(throws: Failure.self) { try open(results) }
        #expect(failure.kind == .data && failure.what.contains("older layout"))
        #expect(try RunCatalogue.runs(in: results).map(\.isOlder) == [true])
    }

    @Test func `a run whose process died is not listed as running`() throws {
        let results = try SharedData.temporaryFolder()
        var run: RunFolder? = try open(results)
        try run?.write(RunStatus(.running, stage: "train"))
        #expect(try RunCatalogue.runs(in: results).map(\.state) == ["running"])
        run = nil
        #expect(try RunCatalogue.runs(in: results).map(\.state) == ["died"])
        try Data("{".utf8).write(to: URL(fileURLWithPath: RunFolder.path(for: .fake, results: results) + "/status.json"))
        #expect(try RunCatalogue.runs(in: results).map(\.state) == ["unknown"])
        withExtendedLifetime(run) {}
    }
}
