import Basics
import Foundation
import Runs
import Testing
import TestSupport

@Suite struct RunFolderTests {
    private func open(_ results: String, present: RunConfiguration = .fake) throws -> RunFolder {
        try RunFolder(.fake, at: RunFolder.path(for: .fake, results: results)) { _ in present }
    }

    @Test func `a run's folder is named by configuration and seed and holds both files of it`() throws {
        let run = try open(try SharedData.temporaryFolder())
        #expect(run.path.hasSuffix("/mine/study-0123abcd-s5"))
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
            let other = RunConfiguration(experiment: "mine", hash: hash, seed: seed, yaml: "", overrides: [])
            let failure = try #require(throws: Failure.self) { try open(results, present: other) }
            #expect(failure.kind == .cannotCreate)
            #expect(failure.found == "configuration \(hash), seed \(seed)")
        }
    }

    @Test func `a results place that cannot be written is refused`() throws {
        let file = try SharedData.temporaryFolder() + "/file"
        try Data().write(to: URL(fileURLWithPath: file))
        let failure = try #require(throws: Failure.self) { try open(file + "/results") }
        #expect(failure.kind == .cannotCreate)
        #expect(failure.remedy?.contains("--results") == true)
    }
}
