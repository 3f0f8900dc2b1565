import Basics
import Foundation
import Runs
import Study
import Testing
import TestSupport

@Suite struct RunListingTests {
    @Test func `a finished run is listed with its date, changes and verdicts`() throws {
        let study = try TinyStudy(), changes = ["probes.samples=1", "probes.names=[p01, p03, p23]"]
        let run = try study.run("results", changes).path
        let listing = try #require(try RunListing.all(in: study.experiment.folder + "/results").first)
        #expect(listing.path == run && listing.state == "done" && listing.overrides == changes && listing.started?.hasPrefix("20") == true)
        #expect(Set(listing.verdicts.values.joined()) == Set((1...9).map { "C\($0)" }))
        let cells = RunListing.lines([listing])[1]
        #expect(cells.contains { $0.contains("not asked") && $0.contains("C9") } && cells.contains("probes.samples=1 probes.names=[p01, p03, p23]"))
    }

    @Test func `a failed run says why, and an unfinished one how to go on`() throws {
        let study = try TinyStudy(data: SharedData.fixture("hdf5/nan_actions.hdf5"))
        let failure = try #require(throws: Failure.self) { try study.run() }
        let path = try study.path("results"), listing = try RunListing(path)
        #expect(listing.state == "failed")
        for part in ["in stage data", "exit code 65", failure.what, failure.found ?? "?", failure.remedy ?? "?"] {
            #expect(listing.standing.contains(part), "\(part)")
        }
        let status = try RunStatus.read(run: path)
        #expect(status.details == failure.description)
        let stopped = try TinyStudy(), interruption = Interruption()
        interruption.request(signal: SIGHUP)
        _ = try #require(throws: Failure.self) { try stopped.run("results", interruption: interruption) }
        let standing = try RunListing(stopped.path("results")).standing
        #expect(standing.contains("interrupted") && standing.contains("stopped by SIGHUP") && standing.contains("alt resume"))
    }
}
