import Basics
import Foundation
import Images
import Probes
import Runs
import Store
import Testing
import TestSupport

@testable import Study

/// Episodes that were carried out elsewhere, brought into a run; one run for all tests, one after the other.
@Suite(.serialized) struct RolloutImportTests {
    private static let console = Console(isTerminal: false, isQuiet: true) { _ in }

    /// The tiny study's demonstrations under another simulator's name.
    private static let foreign: Result<String, any Error> = Result {
        let path = try SharedData.temporaryFolder() + "/foreign.hdf5"
        var data = try Data(contentsOf: URL(fileURLWithPath: TinyStudy.dataset.get()))
        let own = Data("TabletopLift".utf8), range = try #require(data.range(of: own))
        data.replaceSubrange(range, with: Data("SomebodyLift".utf8))
        try data.write(to: URL(fileURLWithPath: path))
        return path
    }

    /// A finished run without episodes. Made once for all tests here.
    private static let finished: Result<(tiny: TinyStudy, path: String), any Error> = Result {
        let tiny = try TinyStudy(data: foreign.get())
        return (tiny, try tiny.run("results", ["rollouts.policies=[alt, pixel_nearest, replay_random]", "rollouts.steps=20"]).path)
    }

    private static func order(_ run: String) throws -> RolloutOrder {
        try RolloutOrder(run: run, program: .undisclosed, console: console, interruption: Interruption())
    }

    private struct Header: Encodable {
        var simulator = "elsewhere", task = "Lift", configuration = "", dataSha256 = ""
        var stepLimit = 20, finished = true
    }

    /// Writes what a simulator would have: the first start of each policy fails, the others succeed after 12 steps.
    private static func write(_ order: RolloutOrder, to folder: String, _ change: (inout Header, inout [EpisodeRecord]) -> Void = { _, _ in }) throws {
        try FileSystem.makeFolder(folder + "/films")
        var header = Header(configuration: order.configuration, dataSha256: order.dataSha256), episodes: [EpisodeRecord] = []
        var monitors = Table(columns: ["policy", "condition", "start", "success", "steps", "query_step", "monitor", "score"])
        for cell in order.episodes {
            for start in 0..<cell.starts {
                var row = EpisodeRecord()
                (row.task, row.condition, row.policy, row.family) = ("Lift", Condition(cell.condition), PolicyID(cell.policy, .control), cell.policy)
                (row.demonstrations, row.start, row.isSuccess) = (2, start, start > 0)
                (row.steps, row.progress, row.queries) = (start > 0 ? 12 : 20, start > 0 ? 1 : 0.25, start > 0 ? 2 : 3)
                (row.recalled, row.startDistance) = ([String](repeating: "demo_1", count: row.queries), 0.01 * Double(start + 1))
                episodes.append(row)
                guard cell.monitors else { continue }
                for query in 0..<row.queries {
                    monitors.append([
                        .text(cell.policy), .text(cell.condition), .integer(start), .init(row.isSuccess), .integer(row.steps), .integer(8 * query), "pixel_distance",
                        .number(Double(start == 0 ? query + 1 : 0)),
                    ])
                }
            }
        }
        change(&header, &episodes)
        try JSONFile.write(header, to: folder + "/rollouts.json")
        try AtomicFile.write(Table(episodes).csv, to: folder + "/episodes.csv")
        try AtomicFile.write(monitors.csv, to: folder + "/monitors.csv")
        let picture = RGBImage(width: 48, height: 32, red: 10, green: 200, blue: 30)
        try picture.write(png: folder + "/films/alt_success_1.png")
        try AtomicFile.write(
            "file,policy,start,success,steps,columns,rows,tile\nfilms/alt_success_1.png,alt,1,true,0;8;12,3,2,16\n", to: folder + "/films.csv")
    }

    private static func bring(_ folder: String, into run: String) throws -> String {
        try RolloutImport.bring(folder, into: run, program: .undisclosed, console: console, interruption: Interruption())
    }

    private static func resume(_ tiny: TinyStudy, _ run: String) throws {
        let file = try ExperimentFile.load(run + "/config.yaml"), said = tiny.said
        _ = try Study.run(
            file, results: "", folder: run, drawsPictures: false, command: ["alt", "rollouts", "import"], program: .undisclosed,
            console: Console(isTerminal: false) { said.add($0) }, interruption: Interruption())
    }

    @Test func `the order names every policy that can act elsewhere, with its starts`() throws {
        let order = try Self.order(Self.finished.get().path)
        let cells = order.episodes.map { "\($0.policy) \($0.condition) \($0.starts)" }
        #expect(cells.contains("alt closed_loop 3") && cells.contains("alt closed_loop_reference 2") && cells.contains("diffusion_ddim closed_loop 3"))
        #expect(cells.contains("pixel_nearest closed_loop 2") && cells.contains("replay_random closed_loop 2") && order.episodes.count == 6, "\(cells)")
        #expect(order.stepLimit == 20 && order.envArgs?.contains("SomebodyLift") == true)
        #expect(order.episodes.filter(\.monitors).map(\.policy).distinct.sorted() == ["alt", "diffusion_ddim"] && order.episodes.filter(\.films).count == 2)
        // The embedded simulator's own demonstrations are acted upon by the study.
        let own = try #require(throws: Failure.self) { try Self.order(TinyStudy.finished.get()) }
        #expect(own.kind == .data && own.what.contains("embedded simulator"), "\(own)")
    }

    @Test func `episodes that are brought in answer the probes of closed loop, once more after each import`() throws {
        let (tiny, run) = try Self.finished.get(), folder = try SharedData.temporaryFolder() + "/rollouts"
        #expect(try !FileSystem.exists(run + "/rollouts.csv") && String(contentsOfFile: run + "/probes.csv", encoding: .utf8).contains("no episodes were imported"))
        try Self.write(Self.order(run), to: folder)
        #expect(try Self.bring(folder, into: run) == "14 episodes of 4 policies in elsewhere, task Lift")
        try Self.resume(tiny, run)
        let rows = try EpisodeRecord.read(run + "/rollouts.csv")
        #expect(rows.count == 14 && rows.allSatisfy { $0.task == "Lift" })
        let summary = try String(contentsOfFile: run + "/summary.csv", encoding: .utf8)
        #expect(summary.contains("p19_difference") && summary.contains("p21_"))
        #expect(try String(contentsOfFile: run + "/probes/p21_episodes.csv", encoding: .utf8).contains(",alt,pixel_distance,"))
        #expect(FileSystem.exists(run + "/sheets/rollout_alt_success_1.gp"))
        #expect(try String(contentsOfFile: run + "/claims.md", encoding: .utf8).contains("C6"))
        // With the expert, and one episode turned.
        try Self.write(Self.order(run), to: folder) { _, episodes in
            var expert = episodes[0]
            (expert.policy, expert.family, expert.demonstrations, expert.recalled, expert.queries) = (PolicyID("expert", .control), "expert", 0, [], 0)
            episodes.append(expert)
            let turned = episodes.firstIndex { $0.policy.name == "alt" && $0.condition == .closedLoop && $0.start == 1 } ?? 0
            (episodes[turned].isSuccess, episodes[turned].steps) = (false, 20)
        }
        #expect(throws: Failure.self) { try Self.bring(folder, into: run) }
        try FileSystem.remove(folder + "/films.csv")
        #expect(try Self.bring(folder, into: run).hasPrefix("15 episodes of 5 policies"))
        try Self.resume(tiny, run)
        #expect(try EpisodeRecord.read(run + "/rollouts.csv").count == 15)
        // The expert stands beside the policies, not as one of no demonstrations.
        #expect(try String(contentsOfFile: run + "/probes/p19_policies.csv", encoding: .utf8).contains(",expert,expert,2,"))
        #expect(try !String(contentsOfFile: run + "/summary.csv", encoding: .utf8).contains("p19_success_n0"))
        // What was brought in is not to be edited.
        try AtomicFile.write("policy\n", to: run + "/recorded/episodes.csv")
        let failure = try #require(throws: Failure.self) { try Self.resume(tiny, run) }
        #expect(failure.kind == .data && failure.what.contains("imported episodes was changed"), "\(failure)")
    }

    @Test func `episodes of another run, of unknown policies or twice are refused, and the run stays as it was`() throws {
        let (_, run) = try Self.finished.get(), folder = try SharedData.temporaryFolder() + "/rollouts", order = try Self.order(run)
        let seal = URL(fileURLWithPath: run + "/recorded/recorded.json"), before = try? Data(contentsOf: seal)
        func refusal(_ change: (inout Header, inout [EpisodeRecord]) -> Void) throws -> Failure {
            try Self.write(order, to: folder, change)
            return try #require(throws: Failure.self) { try Self.bring(folder, into: run) }
        }
        let cases: [(says: String, (inout Header, inout [EpisodeRecord]) -> Void)] = [
            ("episodes of another run", { header, _ in header.configuration = "0123abcd" }), ("other demonstrations", { header, _ in header.dataSha256 = "0" }),
            ("another limit", { header, _ in header.stepLimit = 400 }), ("not all episodes", { header, _ in header.finished = false }),
            ("no such policy", { _, rows in rows[0].policy = PolicyID("pixel_neerest", .control) }), ("there twice", { _, rows in rows.append(rows[0]) }),
            ("unknown kind", { _, rows in rows[0].condition = .objectMoved }), ("another number of demonstrations", { _, rows in rows[0].demonstrations = 9 }),
            ("neither by success nor at the limit", { _, rows in rows[0].steps = 3 }), ("progress is a share", { _, rows in rows[0].progress = 1.5 }),
            ("demonstration that the file does not have", { _, rows in rows[0].recalled = [String](repeating: "demo_99", count: rows[0].queries) }),
            ("what was recalled is not known", { _, rows in rows[0].queries = 7 }), ("not the episodes that the run wants", { _, rows in rows.removeFirst() }),
            ("not the episodes that the run wants", { _, rows in rows[0].start = 99 }),
        ]
        for (says, change) in cases {
            let failure = try refusal(change)
            #expect(failure.kind == .data && failure.what.contains(says), "\(says): \(failure)")
        }
        // Monitors of some queries, or with other names, would be judged by what happens to be there.
        try Self.write(order, to: folder)
        let monitors = try String(contentsOfFile: folder + "/monitors.csv", encoding: .utf8), lines = monitors.split(separator: "\n")
        let spoiled: [(says: String, text: String)] = [
            ("not asked at every query", lines.dropLast().joined(separator: "\n") + "\n"),
            ("lacks a score", (lines.dropLast() + [lines[lines.count - 1].replacing("pixel_distance", with: "rnd")]).joined(separator: "\n") + "\n"),
            ("a name that is taken", monitors.replacing("pixel_distance", with: "elapsed_steps")),
            ("monitors of an episode that is not there", monitors + "alt,closed_loop,50,true,12,0,pixel_distance,1.0\n"),
        ]
        for (says, text) in spoiled {
            try AtomicFile.write(text, to: folder + "/monitors.csv")
            let failure = try #require(throws: Failure.self) { try Self.bring(folder, into: run) }
            #expect(failure.kind == .data && failure.what.contains(says), "\(says): \(failure)")
        }
        #expect((try? Data(contentsOf: seal)) == before)
    }
}
