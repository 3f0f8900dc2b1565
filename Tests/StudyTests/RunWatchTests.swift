import Foundation
import Study
import Testing
import TestSupport

@Suite struct RunWatchTests {
    @Test func `a run is watched by its state and the losses of the training that wrote last, a half-written row left out`() throws {
        let run = try TinyStudy().run("results", ["probes.names=[p01]"]).path, watch = RunWatch(run)
        let (line, isRunning) = try watch.standing()
        #expect(line.hasPrefix("done") && !isRunning)
        let file = run + "/metrics.csv"
        try "stage,step,metric,value\ndiffusion,1,loss,1.0\nalt,1,loss,8.0\nalt,20,loss,2.0\nalt,20,heldout_lo".write(toFile: file, atomically: true, encoding: .utf8)
        let lines = try watch.losses(width: 60, height: 12)
        #expect(lines.first == "loss of alt against the step" && lines.joined().contains("8 |.") && lines.last?.contains("held-out") == false)
        try FileManager.default.removeItem(atPath: file)
        #expect(try watch.losses(width: 60, height: 12).isEmpty)
    }
}
