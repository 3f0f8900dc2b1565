import Basics
import Demonstrations
import Foundation
import Policies
import PolicyServers
import Probes
import Rollouts
import Runs
import Synchronization
import Tabletop
import Testing
import TestSupport

@testable import Study

/// Policies of a run as clients are offered them.
@Suite struct PolicyOfferTests {
    private static let console = Console(isTerminal: false, isQuiet: true) { _ in }

    private static func service(_ run: String, _ change: (inout PolicyOffer) -> Void = { _ in }) throws -> PolicyService {
        var offer = PolicyOffer(place: run)
        change(&offer)
        return try offer.service(program: .undisclosed, console: console, interruption: Interruption())
    }

    /// Runs the body with a server at work.
    private static func serving<Result>(_ service: PolicyService, _ body: (PolicyConnection) throws -> Result) throws -> Result {
        nonisolated(unsafe) let server = try PolicyServer(service, host: "127.0.0.1", port: 0)
        let isDone = Once(), ended = DispatchSemaphore(value: 0)
        Thread {
            _ = server.serve { isDone.value }
            ended.signal()
        }.start()
        defer {
            isDone.set()
            ended.wait()
        }
        return try body(PolicyConnection(to: server.address))
    }

    private final class Once: Sendable {
        private let state = Atomic<Bool>(false)
        var value: Bool { state.load(ordering: .relaxed) }
        func set() { state.store(true, ordering: .relaxed) }
    }

    /// Asks a server, as a simulator elsewhere would: it knows the number of its episode and the steps since its start.
    private struct Asking: Policy {
        let connection: PolicyConnection
        let set: DemonstrationSet
        let episode: Int
        let isStochastic = false

        func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
            try observations.map { observation in
                let steps = observation.lowDim.count
                var entries: [(key: String, value: MessagePackValue)] = []
                for (index, camera) in set.cameras.enumerated() {
                    let shape = [steps, camera.height, camera.width, 3]
                    entries.append((camera.key, try NumpyArray(dtype: .uint8, shape: shape, data: observation.images.flatMap { $0[index].pixels }).value))
                }
                var first = 0
                for key in set.lowDimKeys {
                    entries.append((key.key, NumpyArray(observation.lowDim.flatMap { $0[first..<first + key.width] }, shape: [steps, key.width]).value))
                    first += key.width
                }
                let step = observation.episode?.step ?? 0
                let reply = try connection.ask(.named(entries + [("episode", .integer(Int64(episode))), ("step", .integer(Int64(step)))]))
                return [Prediction(actions: try NumpyArray(#require(reply["actions"])).doubles.map { Float($0) })]
            }
        }
    }

    @Test func `episodes through the server are those that the study carried out itself`() throws {
        let run = try TinyStudy.finished.get(), rows = try EpisodeRecord.read(run + "/rollouts.csv")
        let file = try ExperimentFile.load(run + "/config.yaml"), settings = file.settings, pool = WorkerPool(workers: 2)
        let context = RunContext.looking(
            at: try file.runConfiguration(), in: run, program: .undisclosed, console: Self.console, interruption: Interruption())
        let study = Study(settings), found = try study.rolloutTask(context), task = try #require(found)
        for name in ["diffusion_ddim", "alt", "pixel_nearest", "replay_nearest", "alt_locked", "state_ddpm_s1"] {
            guard let entry = study.catalogue.entries.first(where: { $0.id.name == name }) else { Issue.record("no \(name)"); continue }
            let data = try study.data(context, view: entry.view)
            let environment = try TabletopEnvironment(task, like: data.set)
            try Self.serving(Self.service(run) { $0.policy = name }) { connection in
                #expect(connection.metadata["policy"] == .string(name))
                for start in 0..<2 {
                    let policy = Asking(connection: connection, set: data.set, episode: start)
                    let runner = RolloutRunner(environment, policy, layout: data.layout, stepLimit: settings.rollouts.steps, pool: pool)
                    let rollout = try runner.run([RolloutStart(start, root: settings.root / "rollouts")])[0]
                    let own = rows.first { $0.policy.name == name && $0.condition == .closedLoop && $0.start == start && $0.demonstrations == 2 }
                    // The store keeps single precision.
                    #expect(own.map { Float($0.progress) } == Float(rollout.progress) && own?.steps == rollout.steps && own?.queries == rollout.queries.count, "\(name), start \(start): \(own.map { "\($0.progress), \($0.steps), \($0.queries)" } ?? "none") and \(rollout.progress), \(rollout.steps), \(rollout.queries.count)")
                }
            }
        }
    }

    @Test func `by default it is the policy under study by its fast sampler, else one by name or a kept checkpoint`() throws {
        let run = try TinyStudy.finished.get()
        #expect(try Self.service(run).name == "diffusion_ddim")
        #expect(try Self.service(run) { $0.checkpoint = 30 }.name != "diffusion_ddim")
        let wrong = try #require(throws: Failure.self) { try Self.service(run) { $0.policy = "diffusion_ddimm" } }
        #expect(wrong.kind == .inputMissing && wrong.remedy == "did you mean diffusion_ddim?", "\(wrong)")
        let never = try #require(throws: Failure.self) { try Self.service(run) { $0.checkpoint = 31 } }
        #expect(never.kind == .inputMissing && never.expected == "30", "\(never)")
        let both = try #require(throws: Failure.self) { try Self.service(run) { ($0.checkpoint, $0.policy) = (30, "alt") } }
        #expect(both.kind == .usage, "\(both)")
        // The expert acts by the simulator's state, which no client sends.
        #expect(throws: Failure.self) { try Self.service(run) { $0.policy = "expert" } }
    }

    @Test func `a policy in a folder of its own is offered under its own keys`() throws {
        let run = try TinyStudy.finished.get(), service = try Self.service(run + "/policy/diffusion")
        let metadata = try Self.serving(service) { $0.metadata }
        #expect(metadata["observation"]?["agentview_image"] != nil && metadata["observation"]?["robot0_eef_pos"] != nil && metadata["horizon"] == .integer(16))
        let failure = try #require(throws: Failure.self) { try Self.service(run + "/policy/diffusion") { $0.policy = "alt" } }
        #expect(failure.kind == .usage && failure.what.contains("--policy"), "\(failure)")
        #expect(throws: Failure.self) { try Self.service(run + "/sheets") }
    }

    @Test func `of a run that has not made its policy nothing is trained, and the command that makes it is named`() throws {
        let tiny = try TinyStudy()
        let stopped = try tiny.run("results", ["rollouts.policies=[]"]).path, store = tiny.experiment.folder + "/results/store"
        for entry in try FileManager.default.contentsOfDirectory(atPath: store) where entry.hasPrefix("training-") { try FileManager.default.removeItem(atPath: "\(store)/\(entry)") }
        let before = try FileManager.default.subpathsOfDirectory(atPath: tiny.experiment.folder).sorted()
        let failure = try #require(throws: Failure.self) { try Self.service(stopped) }
        #expect(failure.kind == .inputMissing && failure.remedy == "alt resume \(stopped)", "\(failure)")
        #expect(try FileManager.default.subpathsOfDirectory(atPath: tiny.experiment.folder).sorted() == before)
    }
}
