import Basics
import Demonstrations
import Foundation
import Probes
import Runs
import Testing
import TestSupport

@testable import Study

@Suite struct SpacedDemonstrationsTests {
    private static let overrides = ["data.generate.demonstrations=8", "state.spacing=true", "rollouts.policies=[]", "probes.names=[p01, p28]"]

    @Test func `other demonstrations are made once, learned from and asked about, and a look makes none`() throws {
        let tiny = try TinyStudy(), path = try tiny.path("results", Self.overrides)
        #expect(try StudyOutlook(
            ExperimentFile.load(tiny.experiment.path, overrides: Self.overrides), results: tiny.experiment.folder + "/results", program: .undisclosed,
            console: Console(isTerminal: false, isQuiet: true) { _ in }, interruption: Interruption()
        ).text().contains("state-spacing_grid_noise_0.5: 6 steps"))
        #expect(!FileManager.default.fileExists(atPath: path + "/spacing"))
        let run = try tiny.run("results", Self.overrides)
        let cells = try FileManager.default.contentsOfDirectory(atPath: run.path + "/spacing").sorted()
        #expect(cells == ["continuous_noise_0.5", "grid_noise_0.5", "grid_noise_1"])
        for cell in cells {
            let set = try RobomimicFile.load(
                DatasetSelection(path: "\(run.path)/spacing/\(cell)/demonstrations.hdf5", cameras: nil, lowDimKeys: ["object"]), workers: 1)
            #expect(set.episodes.count == 8 && set.cameras.isEmpty)
        }
        let rows = try String(contentsOfFile: run.path + "/probes/p28_cells.csv", encoding: .utf8).split(separator: "\n")
        for policy in ["state_ddpm_s0", "memorizer", "generalizer"] {
            #expect(rows.count { $0.contains(",\(policy),") } == 4, "\(policy)")
        }
        // The memorizer hands training sequences back however far apart they are: S is 1 in each.
        let table = try CSVText.parse(rows.joined(separator: "\n") + "\n", name: "p28_cells.csv")
        let places = try ["policy", "s"].map { try #require(table.columns.firstIndex(of: $0)) }
        #expect(table.rows.filter { $0[places[0]] == "memorizer" }.allSatisfy { Double($0[places[1]]) == 1 })
        // What is asked of a policy is what its own demonstrations show.
        let file = try ExperimentFile.load(tiny.experiment.path, overrides: Self.overrides), study = Study(file.settings)
        let context = RunContext.looking(
            at: try file.runConfiguration(), in: run.path, program: .undisclosed,
            console: Console(isTerminal: false, isQuiet: true) { _ in }, interruption: Interruption())
        for part in file.settings.otherSpacings.map(StudyPart.spacing) {
            let own = try study.data(context, view: .state, part: part), main = try study.data(context, view: .state)
            for condition in try study.conditions(context, part) {
                let asked = try study.observations(condition, .state, part, context).map(\.lowDim)
                func shown(_ data: StudyData) -> [[[Float]]] {
                    condition.frames.map { data.set.observation($0, steps: data.layout.observationSteps).lowDim }
                }
                #expect(asked == shown(own) && asked != shown(main), "\(part.name), \(condition.condition)")
            }
        }
        // Found again.
        let before = tiny.said.all.count
        _ = try tiny.run("results", Self.overrides + ["probes.resamples=30"])
        #expect(!tiny.said.all.dropFirst(before).contains("generating"))
    }

    @Test func `without the simulator the probe says why it is not asked`() throws {
        let tiny = try TinyStudy()
        let run = try tiny.run("results", ["state.spacing=true", "rollouts.policies=[]", "probes.names=[p01, p28]"])
        #expect(try String(contentsOfFile: run.path + "/probes.csv", encoding: .utf8).contains("data.generate is null"))
    }
}
