import Basics
import Configuration
import Demonstrations
import Images
import Policies
import Synchronization
import Testing

@testable import PolicyServers

@Suite struct ServedPolicyTests {
    private static let cameras = [Camera(key: "agentview_image", height: 2, width: 3), Camera(key: "hand_image", height: 1, width: 1)]
    private static let lowDim = [LowDimKey(key: "eef_pos", width: 3), LowDimKey(key: "eef_quat", width: 4), LowDimKey(key: "gripper", width: 1)]
    private static let windows = WindowLayout(horizon: 4, observationSteps: 1, executedSteps: 2)

    /// Two steps; the value of pixel i of step s is 100 s + i, of low-dim column i it is 10 s + i.
    private static let observation = Observation(
        images: (0..<2).map { step in
            [
                RGBImage(width: 3, height: 2, pixels: (0..<18).map { UInt8(100 * step + $0) }),
                RGBImage(width: 1, height: 1, pixels: [UInt8](repeating: UInt8(step), count: 3)),
            ]
        },
        lowDim: (0..<2).map { step in (0..<8).map { Float(10 * step + $0) } }, source: nil)

    private func request(_ settings: ServedPolicySettings, seed: Seed = Seed(0)) throws -> MessagePackValue {
        try ObservationRequest(settings, cameras: Self.cameras, lowDimKeys: Self.lowDim, answer: [2, 2]).value(Self.observation, seed: seed)
    }

    private func policy(
        _ server: TestServer, _ settings: ServedPolicySettings = ServedPolicySettings(), windows: WindowLayout = Self.windows
    ) throws -> ServedPolicy {
        var connection = ConnectionSettings()
        (connection.retries, connection.requestTimeout) = (0, 20)
        return try ServedPolicy(
            PolicyConnection(to: server.address, connection), settings, cameras: Self.cameras, lowDimKeys: Self.lowDim, actionDimension: 2, layout: windows)
    }

    /// The failure of asking a server that answers this.
    private func failure(_ reply: MessagePackValue) throws -> Failure {
        let server = try TestServer { _ in .init(asked: { conversation, _ in conversation.send(reply) }) }
        return try #require(throws: Failure.self) { try policy(server).predict([Self.observation], samples: 1, seed: Seed(0)) }
    }

    @Test func `without a map of keys every key is sent under its own name, the last step alone`() throws {
        let request = try request(ServedPolicySettings())
        #expect(request["agentview_image"] == (try NumpyArray(dtype: .uint8, shape: [2, 3, 3], data: (0..<18).map { 100 + $0 }).value))
        #expect(request["eef_quat"] == NumpyArray([13, 14, 15, 16], shape: [4]).value)
        guard case .map(let entries) = request else {
            Issue.record("\(request.summary)")
            return
        }
        #expect(entries.map(\.key) == ["agentview_image", "hand_image", "eef_pos", "eef_quat", "gripper"].map { .string($0) })
    }

    @Test func `keys are renamed and joined, steps and planes are axes, prompt and seed go along`() throws {
        let settings = ServedPolicySettings {
            $0.keys = SentKeys([.init("observation/image", ["agentview_image"]), .init("observation/state", ["gripper", "eef_pos"])])
            ($0.history, $0.images, $0.prompt, $0.seedKey) = (.steps, .chw, "lift", "seed")
        }
        let request = try request(settings, seed: Seed(.max))
        #expect(request["observation/state"] == NumpyArray([7, 0, 1, 2, 17, 10, 11, 12], shape: [2, 4]).value)
        let image = try NumpyArray(#require(request["observation/image"]))
        #expect(image.shape == [2, 3, 2, 3] && image.data[..<6] == [0, 3, 6, 9, 12, 15] && image.data[18 + 6..<18 + 12] == [101, 104, 107, 110, 113, 116])
        #expect(request["prompt"] == .string("lift") && request["seed"] == .integer(Int64(Int32.max)) && request["eef_pos"] == nil)
    }

    @Test func `keys that are not there, joined images and names that come twice are errors`() throws {
        for (sent, word) in [(SentKeys.Entry("x", ["eef_pso"]), "no such observation key"), (.init("x", ["hand_image", "eef_pos"]), "cannot be joined"), (.init("prompt", ["eef_pos"]), "one name")] {
            let failure = try #require(throws: Failure.self) { try request(ServedPolicySettings { ($0.keys, $0.prompt) = (SentKeys([sent]), "lift") }) }
            #expect(failure.kind == .data && failure.what.contains(word), "\(failure)")
        }
    }

    @Test func `actions of every float type become a window of raw actions`() throws {
        let half = try NumpyArray(dtype: NumpyType(">f2"), shape: [4, 2], data: [0x3c, 0x00, 0xc0, 0x00] + [UInt8](repeating: 0, count: 12))
        let double = try NumpyArray(dtype: .float64, shape: [4, 2], data: (0..<8).flatMap { _ in [0, 0, 0, 0, 0, 0, 0xf8, 0x3f] as [UInt8] })
        for (reply, actions) in [(half.value, [1, -2, 0, 0, 0, 0, 0, 0]), (double.value, [Float](repeating: 1.5, count: 8))] {
            let server = try TestServer { _ in .init(asked: { conversation, _ in conversation.send(.named([("actions", reply), ("server_timing", .map([]))])) }) }
            #expect(try policy(server).predict([Self.observation], samples: 1, seed: Seed(0)) == [[Prediction(actions: actions)]])
        }
    }

    @Test func `a stochastic policy is asked once a sample with a seed of its own, another one once an observation`() throws {
        let seeds = Mutex<[Int]>([])
        let server = try TestServer { _ in
            .init(asked: { conversation, request in
                seeds.withLock { $0.append(request["seed"]?.wholeNumber ?? -1) }
                conversation.send(.named([("actions", TestServer.actions())]))
            })
        }
        let observations = [Self.observation, Self.observation]
        for (stochastic, asked) in [(true, 6), (false, 2)] {
            let policy = try policy(server, ServedPolicySettings { ($0.seedKey, $0.stochastic) = ("seed", stochastic) })
            var rounds: [[Int]] = []
            for _ in 0..<2 {
                seeds.withLock { $0 = [] }
                let answers = try policy.predict(observations, samples: 3, seed: Seed(3))
                #expect(answers.map(\.count) == [3, 3] && policy.isStochastic == stochastic)
                rounds.append(seeds.withLock { $0 })
            }
            #expect(rounds[0].count == asked && Set(rounds[0]).count == asked && rounds[0] == rounds[1] && rounds[0].allSatisfy { (0...Int(Int32.max)).contains($0) })
        }
    }

    @Test func `replies that do not fit say what was expected, what came and what to do`() throws {
        func actions(_ value: MessagePackValue) -> MessagePackValue { .named([("actions", value)]) }
        let int = try NumpyArray(dtype: .int64, shape: [4, 2], data: [UInt8](repeating: 0, count: 64))
        let cases: [(reply: MessagePackValue, what: String, words: String)] = [
            (.named([("action", TestServer.actions())]), "no actions", "a map of action"), (.array([]), "no actions", "a list of 0"),
            (actions(TestServer.actions(50)), "longer than the window", "set windows.horizon: 50"), (actions(TestServer.actions(3)), "shorter than the window", "set windows.horizon: 3"),
            (actions(TestServer.actions(4, 32)), "another width", "answers 32"), (actions(TestServer.array([1, 2], [2])), "another shape", "[2]"),
            (actions(TestServer.array([Float](repeating: 0, count: 8), [1, 4, 2])), "another shape", "axis for the batch"), (actions(int.value), "another type", "<i8"),
            (actions(TestServer.array([0, 0, 0, .nan, 0, 0, 0, 0], [4, 2])), "no number", "nan in action 1, value 1"),
            (actions(TestServer.actions(4, 2, .infinity)), "no number", "inf"), (actions(.array([.double(1)])), "no array", "a list of 1"),
            (actions(.named([("__ndarray__", .bool(true))])), "no array", "as bytes"), (actions(.null), "no array", "nil"),
        ]
        for (reply, what, words) in cases {
            let failure = try failure(reply)
            #expect(failure.kind == .data && failure.what.contains(what) && "\(failure)".contains(words), "\(failure)")
            #expect(failure.location?.hasPrefix("ws://127.0.0.1:") == true && failure.remedy != nil)
        }
    }

    @Test func `a window that the answers would not fill is refused before anything is asked`() throws {
        func failure(_ metadata: [(key: String, value: MessagePackValue)], windows: WindowLayout = Self.windows, _ settings: ServedPolicySettings = .init()) throws -> Failure {
            let server = try TestServer { _ in .init(opened: { $0.send(.named(metadata)) }, asked: { _, _ in Issue.record("asked") }) }
            return try #require(throws: Failure.self) { try policy(server, settings, windows: windows) }
        }
        #expect(try failure([("action_horizon", .integer(50))]).remedy?.contains("windows.horizon: 50") == true)
        #expect(try failure([("horizon", .double(4)), ("action_dim", .integer(7))]).found?.contains("publishes 7") == true)
        #expect(try failure([("first_action", .string("first_observed"))]).remedy == "set audit.served.first_action: first_observed")
        let two = WindowLayout(horizon: 4, observationSteps: 2, executedSteps: 2)
        #expect(try failure([], windows: two).remedy?.contains("windows.observation_steps: 1") == true)
        #expect(try failure([], windows: two, ServedPolicySettings { $0.firstAction = .firstObserved }).remedy?.contains("served.history: steps") == true)
        let fitting = try TestServer { _ in .init(opened: { $0.send(.named([("horizon", .integer(4)), ("first_action", .string("first_observed"))])) }) }
        let settings = ServedPolicySettings { ($0.firstAction, $0.history) = (.firstObserved, .steps) }
        #expect(try policy(fitting, settings, windows: two).predict([Self.observation], samples: 2, seed: Seed(0))[0].count == 2)
    }

    @Test func `windows can be left to the server`() {
        func windows(_ metadata: [(key: String, value: MessagePackValue)], _ first: ServedPolicySettings.FirstAction) -> WindowLayout {
            ServedPolicySettings { $0.firstAction = first }.windows(WindowLayout(), of: PublishedPolicy(.named(metadata)))
        }
        #expect(windows([("action_horizon", .integer(50))], .current) == WindowLayout(horizon: 50, observationSteps: 1, executedSteps: 8))
        #expect(windows([("horizon", .integer(8))], .firstObserved) == WindowLayout(horizon: 8, observationSteps: 2, executedSteps: 7))
        #expect(windows([], .current) == WindowLayout(horizon: 16, observationSteps: 1, executedSteps: 8))
        for lie in [-1, 0, 1, 1 << 40] { #expect(windows([("horizon", .integer(Int64(lie)))], .firstObserved) == WindowLayout()) }
    }
}
