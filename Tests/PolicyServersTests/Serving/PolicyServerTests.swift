import Basics
import Demonstrations
import Foundation
import Policies
import Testing

@testable import PolicyServers

/// What a client is answered, over real connections.
@Suite struct PolicyServerTests {
    private func connected(_ server: RunningServer) throws -> PolicyConnection {
        try PolicyConnection(to: server.address, ConnectionSettings { ($0.retries, $0.requestTimeout) = (0, 30) })
    }

    /// The server's own words to a request that it does not answer.
    private func refusal(_ server: RunningServer, _ request: MessagePackValue) throws -> String {
        let failure = try #require(throws: Failure.self) { _ = try connected(server).ask(request) }
        return failure.found ?? "\(failure)"
    }

    @Test func `the metadata say what is shown and answered, in words that our own client reads`() throws {
        let server = try RunningServer()
        defer { server.stop() }
        let metadata = try connected(server).metadata, published = PublishedPolicy(metadata)
        #expect((published.horizon, published.actionDimension, published.firstAction) == (4, 2, .firstObserved))
        #expect(metadata["policy"] == .string("shown") && metadata["label"] == .string("as shown") && metadata["stochastic"] == .bool(false))
        #expect((metadata["observation_steps"], metadata["execute_from"], metadata["execute_steps"]) == (.integer(2), .integer(1), .integer(2)))
        #expect(metadata["observation"]?["front_image"]?["shape"] == .array([.integer(3), .integer(5), .integer(3)]))
        #expect(metadata["observation"]?["pose"]?["dtype"] == .string("<f4"))
    }

    @Test func `healthz is answered over HTTP, other pages name the protocol`() throws {
        let server = try RunningServer()
        defer { server.stop() }
        func page(_ request: String) throws -> String {
            let client = try RawClient(server.address, upgrades: false)
            client.send(request + "\r\nHost: here\r\n\r\n")
            return client.rest()
        }
        let health = try page("GET /healthz HTTP/1.1")
        #expect(health.hasPrefix("HTTP/1.1 200 OK\r\n") && health.hasSuffix("\r\n\r\nOK\n"), "\(health)")
        #expect(try page("HEAD /healthz HTTP/1.1").hasSuffix("\r\n\r\n"))
        let other = try page("GET / HTTP/1.1")
        #expect(other.hasPrefix("HTTP/1.1 426 ") && other.contains("websocket"), "\(other)")
        #expect(try page("POST /healthz HTTP/1.1").hasPrefix("HTTP/1.1 426 "))
    }

    @Test func `an answer is the policy's own, with the server's times`() throws {
        let server = try RunningServer(ShownPolicy(seconds: 0.02))
        defer { server.stop() }
        let connection = try connected(server)
        for number in 0..<3 {
            let observation = RunningServer.observation(number), reply = try connection.ask(RunningServer.request(observation))
            #expect(try RunningServer.actions(reply) == ShownPolicy.answer(observation))
            #expect(try NumpyArray(#require(reply["actions"])).shape == [4, 2])
            guard case .double(let inference)? = reply["server_timing"]?["infer_ms"] else { Issue.record("\(reply.summary)"); return }
            #expect(inference >= 20 && reply["recalled"] == nil && reply["out_of_distribution"] == nil)
            if case .double(let total)? = reply["server_timing"]?["prev_total_ms"] { #expect(number > 0 && total >= 20) } else { #expect(number == 0) }
        }
        let times = server.stop()
        #expect(times.line.hasPrefix("3 answers"), "\(times.line)")
    }

    @Test func `one observed step stands for all, numbers may be lists, and other keys are not looked at`() throws {
        let server = try RunningServer()
        defer { server.stop() }
        let image = RunningServer.observation(0).images[0], pixels = try NumpyArray(dtype: .uint8, shape: [3, 5, 3], data: image[0].pixels).value
        let repeated = Observation(images: [image, image], lowDim: [[1, 2, 3], [1, 2, 3]], source: nil)
        let wide = withUnsafeBytes(of: (1.0.bitPattern.littleEndian, 2.0.bitPattern.littleEndian)) { Array($0) }
        let poses: [MessagePackValue] = [
            NumpyArray([1, 2], shape: [2]).value, .array([.integer(1), .double(2)]), try NumpyArray(dtype: .float64, shape: [2], data: wide).value,
        ]
        let connection = try connected(server)
        for pose in poses {
            let request = MessagePackValue.named([("front_image", pixels), ("pose", pose), ("gripper", .float(3)), ("prompt", .string("lift")), ("more", .map([]))])
            let reply = try connection.ask(request)
            #expect(try RunningServer.actions(reply) == ShownPolicy.answer(repeated) && reply["repeated_step"] == .bool(true))
        }
        server.stop()
        #expect(server.log.count { $0.contains("one observed step") } == 1, "\(server.log)")
    }

    @Test func `an observation that does not fit is refused by the name of its key, and others are served on`() throws {
        let server = try RunningServer(ShownPolicy(poison: 13))
        defer { server.stop() }
        let good = RunningServer.observation(1), other = try connected(server)
        func changed(_ key: String, _ value: MessagePackValue?) throws -> MessagePackValue {
            guard case .map(let entries) = try RunningServer.request(good) else { return .null }
            return .map(entries.filter { $0.key != .string(key) } + (value.map { [.init(.string(key), $0)] } ?? []))
        }
        let cases: [(MessagePackValue, says: String)] = [
            (.integer(3), "a request is a map of observations by key; this is 3"),
            (try changed("pose", nil), "the observation lacks pose; it has front_image, gripper"),
            (.map([]), "lacks front_image; it has nothing"),
            (try changed("pose", NumpyArray([1, 2, 3], shape: [3]).value), "pose has shape [3] where [2] is expected, or [2, 2]"),
            (try changed("pose", NumpyArray([1, .nan], shape: [2]).value), "pose holds what is no number"),
            (try changed("pose", .string("here")), "pose is the text \"here\" instead of a numpy array"),
            (try changed("front_image", NumpyArray([Float](repeating: 0, count: 45), shape: [3, 5, 3]).value), "front_image is <f4 where uint8 is expected"),
            (try changed("front_image", try NumpyArray(dtype: .uint8, shape: [5, 3, 3], data: [UInt8](repeating: 0, count: 45)).value), "front_image has shape [5, 3, 3] where [3, 5, 3]"),
            (try changed("step", .integer(3)), "episode and step go together"), (try changed("seed", .integer(-1)), "seed is a whole number from 0 on; this is -1"),
            (try RunningServer.request(RunningServer.observation(13)), "the policy cannot answer this observation: a pose that nobody can reach"),
        ]
        for (request, says) in cases {
            let said = try refusal(server, request)
            #expect(said.contains(says) && !said.contains("a place of ours") && !said.contains("\n"), "\(said)")
            #expect(try RunningServer.actions(other.ask(RunningServer.request(good))) == ShownPolicy.answer(good))
        }
    }

    @Test func `a policy that remembers its episode is told of its start and of what it recalled`() throws {
        let server = try RunningServer(ShownPolicy(remembersEpisode: true))
        defer { server.stop() }
        let connection = try connected(server)
        #expect(connection.metadata["remembers_episode"] == .bool(true))
        func ask(_ number: Int, episode: Int, step: Int) throws -> MessagePackValue {
            try connection.ask(RunningServer.request(RunningServer.observation(number), [("episode", .integer(Int64(episode))), ("step", .integer(Int64(step)))]))
        }
        for episode in [4, 5] {
            for query in 0..<3 {
                let reply = try ask(10 * episode + query, episode: episode, step: 8 * query), recalled = try #require(reply["recalled"])
                #expect(recalled["frame"] == .integer(Int64(query)) && recalled["demonstration"] == .string("demo_7") && reply["out_of_distribution"] == .bool(true))
                let start: Float = query == 0 ? 0 : Float(10 * episode)
                #expect(try RunningServer.actions(reply) == ShownPolicy.answer(RunningServer.observation(10 * episode + query)).map { $0 + start })
            }
        }
        let said = try refusal(server, RunningServer.request(RunningServer.observation(1), [("episode", .integer(9)), ("step", .integer(8))]))
        #expect(said.contains("step 8 of episode 9, whose start this connection has not seen"), "\(said)")
        #expect(try refusal(server, RunningServer.request(RunningServer.observation(1))).contains("remembers its episode"))
    }

    @Test func `draws come from the seed that is sent, else from episode and step, else from the connection`() throws {
        let server = try RunningServer(ShownPolicy(isStochastic: true))
        defer { server.stop() }
        let observation = RunningServer.observation(1)
        func ask(_ connection: PolicyConnection, _ more: [(key: String, value: MessagePackValue)]) throws -> [Float] {
            try RunningServer.actions(connection.ask(RunningServer.request(observation, more)))
        }
        let first = try connected(server), second = try connected(server)
        let seeded: [(key: String, value: MessagePackValue)] = [("seed", .integer(77))]
        #expect(try ask(first, seeded) == ask(second, seeded) && ask(first, seeded) == ShownPolicy.answer(observation, seed: Seed(77)))
        let moment: [(key: String, value: MessagePackValue)] = [("episode", .integer(6)), ("step", .integer(8))]
        #expect(try ask(first, moment) == ask(second, moment) && ask(first, moment) == ShownPolicy.answer(observation, seed: Seed(4) / 6 / 8))
        #expect(try ask(first, []) != ask(second, []) && ask(first, []) != ask(first, []))
    }

    @Test func `ten clients at once are answered together, each what it would be answered alone`() throws {
        let policy = ShownPolicy(seconds: 0.01), server = try RunningServer(policy)
        defer { server.stop() }
        let connections = try (0..<10).map { _ in try connected(server) }
        let right = WorkerPool(workers: 10).map(count: 10) { client in
            Result {
                try (0..<20).allSatisfy { query in
                    let observation = RunningServer.observation(20 * client + query)
                    return try RunningServer.actions(connections[client].ask(RunningServer.request(observation))) == ShownPolicy.answer(observation)
                }
            }
        }
        for right in right { #expect(try right.get()) }
        #expect(policy.batches.all.reduce(0, +) == 200 && policy.batches.all.contains { $0 > 1 }, "\(policy.batches.all)")
    }

    @Test func `one observation that cannot be answered takes no other of its batch with it`() throws {
        let policy = ShownPolicy(seconds: 0.2, poison: 13), server = try RunningServer(policy)
        defer { server.stop() }
        let connections = try (0..<4).map { _ in try connected(server) }, numbers = [1, 13, 2, 3]
        let answers = WorkerPool(workers: 4).map(count: 4) { index in
            Result { try RunningServer.actions(connections[index].ask(RunningServer.request(RunningServer.observation(numbers[index])))) }
        }
        for (number, answer) in zip(numbers, answers) {
            if number == 13 { #expect(throws: Failure.self) { try answer.get() } } else { #expect(try answer.get() == ShownPolicy.answer(RunningServer.observation(number))) }
        }
    }

    @Test func `pings are answered while the policy computes`() throws {
        let server = try RunningServer(ShownPolicy(seconds: 1.5))
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send(try RunningServer.request(RunningServer.observation(1)))
        Thread.sleep(forTimeInterval: 0.2)
        client.send(frame: 9, [1, 2, 3])
        #expect(client.frame(within: 1) == RawClient.Frame(opcode: 10, content: [1, 2, 3]))
        #expect(client.frame()?.opcode == 2)
    }

    @Test func `monitors see each observation and what was planned before it in its episode`() throws {
        let server = try RunningServer(monitors: PolicyService.Monitors { moments in
            [("planned", moments.map { Double($0.planned[0]) }), ("before", moments.map { Double($0.before?[0] ?? -1) })]
        })
        defer { server.stop() }
        let connection = try connected(server)
        var before = -1.0
        for query in 0..<3 {
            let observation = RunningServer.observation(query)
            let reply = try connection.ask(RunningServer.request(observation, [("episode", .integer(1)), ("step", .integer(Int64(2 * query)))]))
            #expect(reply["monitors"]?["before"] == .double(before))
            before = Double(ShownPolicy.answer(observation)[0])
            #expect(reply["monitors"]?["planned"] == .double(before))
        }
        // A query that was not asked here leaves nothing to compare with.
        let late = try connection.ask(RunningServer.request(RunningServer.observation(9), [("episode", .integer(1)), ("step", .integer(8))]))
        #expect(late["monitors"]?["before"] == .double(-1))
    }

    @Test func `a server that ends says goodbye, and a port that is taken is named`() throws {
        let server = try RunningServer(), client = try RawClient(server.address)
        let failure = try #require(throws: Failure.self) {
            _ = try PolicyServer(server.desk.service, host: "127.0.0.1", port: server.address.port)
        }
        #expect(failure.kind == .cannotCreate && failure.what == "another program listens there" && failure.location == "127.0.0.1:\(server.address.port)", "\(failure)")
        server.stop()
        #expect(client.frames().map(\.code) == [1001])
    }

    @Test func `quantiles of times are within a bin, whatever their number`() {
        var times = TimeHistogram()
        #expect(times.quantile(0.5) == nil)
        for index in 1...1000 { times.add(milliseconds: Double(index) / 10) }
        for (share, value) in [(0.5, 50.0), (0.99, 99), (1, 100)] {
            let found = times.quantile(share) ?? 0
            #expect(found >= value && found <= 1.05 * value, "\(share): \(found)")
        }
        times.add(milliseconds: 1e30)
        #expect(times.count == 1001)
    }
}
