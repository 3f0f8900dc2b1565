import Basics
import Foundation
import Testing

@testable import PolicyServers

/// Clients that do everything a client should not, while a good one is served.
@Suite struct ServerAbuseTests {
    private let server: RunningServer
    private let good: PolicyConnection

    init() throws {
        server = try RunningServer { limits in (limits.clients, limits.greeting, limits.silence) = (6, 0.5, 0.4) }
        good = try PolicyConnection(to: server.address, ConnectionSettings { ($0.retries, $0.requestTimeout) = (0, 30) })
    }

    /// Asks as the good client, twice: over its old connection and a new one.
    private func isServed() throws -> Bool {
        let observation = RunningServer.observation(3), request = try RunningServer.request(observation)
        let other = try PolicyConnection(to: server.address, ConnectionSettings { $0.retries = 3; $0.backoff = 0.2 })
        return try [good, other].allSatisfy { try RunningServer.actions($0.ask(request)) == ShownPolicy.answer(observation) }
    }

    /// One text message, then the close frame, then the end.
    private func expectRefusal(_ code: Int, _ says: String, _ location: SourceLocation = #_sourceLocation, _ abuse: (RawClient) throws -> Void) throws {
        let client = try RawClient(server.address)
        try abuse(client)
        let frames = client.frames()
        #expect(frames.count == 2 && frames.first?.opcode == 1 && frames.first?.text.contains(says) == true, "\(frames.map(\.text))", sourceLocation: location)
        #expect(frames.last?.code == code, sourceLocation: location)
        #expect(try isServed(), sourceLocation: location)
    }

    @Test func `what is no msgpack, or not the map it claims, is refused with 1011`() throws {
        defer { server.stop() }
        try expectRefusal(1011, "this is none") { $0.send(frame: 2, [0xc1, 0xff, 0x00]) }
        try expectRefusal(1011, "this is none") { $0.send(frame: 2, []) }
        try expectRefusal(1011, "this is none") { $0.send(frame: 2, try RunningServer.request(RunningServer.observation(1)).encoded().dropLast(7) + []) }
        // A list of lists, 100,000 deep, and a map that claims four thousand million entries.
        try expectRefusal(1011, "this is none") { $0.send(frame: 2, [UInt8](repeating: 0x91, count: 100_000)) }
        try expectRefusal(1011, "this is none") { $0.send(frame: 2, [0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61, 0xc0]) }
        // A gigabyte of bytes that are not there.
        try expectRefusal(1011, "this is none") { $0.send(frame: 2, [0x81, 0xa1, 0x61, 0xc6, 0x40, 0, 0, 0, 1, 2, 3]) }
        // Many values in few bytes.
        try expectRefusal(1011, "this is none") { $0.send(frame: 2, [0xdc, 0xff, 0xff] + [UInt8](repeating: 0xc0, count: 65_535)) }
        try expectRefusal(1011, "as text, where msgpack-numpy writes its keys as bytes") {
            let array = MessagePackValue.named([("__ndarray__", .bool(true)), ("data", .binary([])), ("dtype", .string("|u1")), ("shape", .array([]))])
            $0.send(.named([("front_image", array)]))
        }
        try expectRefusal(1011, "this is text") { $0.send(frame: 1, Array("{}".utf8)) }
    }

    @Test func `a frame that claims a gigabyte is refused before it comes, and so are pieces that add up to too much`() throws {
        defer { server.stop() }
        try expectRefusal(1009, "a request of more than") { $0.send(frame: 2, [1, 2, 3], claimed: 1 << 30) }
        try expectRefusal(1009, "a request of more than") { $0.send(frame: 2, [1, 2, 3], claimed: Int.max) }
        try expectRefusal(1009, "a request of more than") { client in
            client.send(frame: 2, [UInt8](repeating: 0, count: 600_000), fin: false)
            client.send(frame: 0, [UInt8](repeating: 0, count: 600_000), fin: true)
        }
    }

    @Test func `frames that break websocket's rules are refused with 1002`() throws {
        defer { server.stop() }
        try expectRefusal(1002, "without a mask") { $0.send(frame: 2, [0x80], masked: false) }
        try expectRefusal(1002, "control frame") { $0.send(frame: 9, [UInt8](repeating: 1, count: 200)) }
        try expectRefusal(1002, "pieces that make no message") { $0.send(frame: 0, [0x80]) }
    }

    @Test func `clients that say nothing are let go, before websocket and after`() throws {
        defer { server.stop() }
        #expect(try RawClient(server.address, upgrades: false).isEnded(within: 5))
        let half = try RawClient(server.address, upgrades: false)
        half.send("GET / HTTP/1.1\r\nHost: he")
        #expect(half.isEnded(within: 5))
        // Pinged twice, it answers nothing.
        let silent = try RawClient(server.address)
        #expect(silent.frames(within: 5).map(\.opcode) == [9, 9])
        let unfinished = try RawClient(server.address)
        unfinished.send(frame: 2, [0x81], claimed: 1000)
        #expect(unfinished.isEnded(within: 5))
        #expect(try isServed())
    }

    @Test func `nonsense over HTTP ends the connection alone`() throws {
        defer { server.stop() }
        for nonsense in ["\0\u{1}\u{2}\r\n\r\n", String(repeating: "GET ", count: 100_000), "GET / HTTP/9.9\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n"] {
            let client = try RawClient(server.address, upgrades: false)
            client.send(nonsense)
            #expect(client.isEnded(within: 5))
        }
        let many = try RawClient(server.address, upgrades: false)
        many.send("GET / HTTP/1.1\r\n" + (0..<100_000).map { "X-\($0): y\r\n" }.joined() + "\r\n")
        #expect(many.isEnded(within: 10))
        #expect(try isServed())
    }

    @Test func `clients that vanish while they are answered harm nobody`() throws {
        defer { server.stop() }
        for number in 0..<50 {
            let client = try RawClient(server.address)
            client.send(try RunningServer.request(RunningServer.observation(number)))
            if number % 2 == 0 { _ = client.frame() }
        }
        #expect(try isServed())
    }

    @Test func `what a client asked that has gone is forgotten, so that those who come and go keep nobody waiting`() throws {
        defer { server.stop() }
        let policy = ShownPolicy(seconds: 0.2), slow = try RunningServer(policy) { $0.clients = 100 }
        defer { slow.stop() }
        for number in 0..<60 {
            let client = try RawClient(slow.address), request = try RunningServer.request(RunningServer.observation(number)).encoded()
            for _ in 0..<4 { client.send(frame: 2, request) }
            // Its requests are read before it goes.
            client.send(frame: 9, [1])
            _ = client.frame()
        }
        let patient = try PolicyConnection(to: slow.address, ConnectionSettings { $0.requestTimeout = 30 })
        let start = Date(), observation = RunningServer.observation(3)
        #expect(try RunningServer.actions(patient.ask(RunningServer.request(observation))) == ShownPolicy.answer(observation))
        // 240 requests by one client each at a time would take two minutes.
        #expect(Date().timeIntervalSince(start) < 5 && slow.desk.queue.count == 0, "\(policy.batches.all)")
    }

    @Test func `a client that asks without listening, or before it is answered, is refused`() throws {
        defer { server.stop() }
        let slow = try RunningServer(ShownPolicy(seconds: 0.3))
        defer { slow.stop() }
        let hasty = try RawClient(slow.address), request = try RunningServer.request(RunningServer.observation(1)).encoded()
        for _ in 0..<10 { hasty.send(frame: 2, request) }
        let frames = hasty.frames()
        #expect(frames.contains { $0.opcode == 1 && $0.text.contains("4 requests of this client wait already") } && frames.last?.code == 1011, "\(frames.map(\.opcode))")
        // Its pings are answered into a wall.
        let deaf = try RawClient(server.address)
        for _ in 0..<200_000 { deaf.send(frame: 9, [UInt8](repeating: 7, count: 100)) }
        #expect(try isServed())
    }

    @Test func `more clients than there is room for are told so over HTTP, and the first who leaves makes room`() throws {
        defer { server.stop() }
        var clients: [RawClient] = []
        for _ in 0..<5 { clients.append(try RawClient(server.address)) }
        let late = try RawClient(server.address, upgrades: false)
        late.send(RawClient.upgrade)
        let answer = late.rest()
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("all 6 places are taken"), "\(answer)")
        clients.removeAll()
        #expect(try isServed())
    }

    @Test func `ten thousand requests in a row are answered in memory that does not grow`() throws {
        let client = try RawClient(server.address), observation = RunningServer.observation(1), request = try RunningServer.request(observation).encoded()
        func ask(_ count: Int) throws {
            for _ in 0..<count {
                client.send(frame: 2, request)
                let reply = try #require(client.frame())
                #expect(try RunningServer.actions(MessagePackValue(decoding: reply.content)) == ShownPolicy.answer(observation))
            }
        }
        try ask(1000)
        let before = ProcessMemory.residentBytes
        try ask(10_000)
        // Other suites run in this process at the same time; what leaks a kilobyte a request would show.
        let grown = ProcessMemory.residentBytes - before
        #expect(grown < server.desk.limits.memoryBytes(server.desk.service) + (64 << 20), "\(grown) bytes more")
        let times = server.stop()
        #expect(times.inference.count >= 11_000, "\(times.line)")
    }
}

/// Of this process.
private enum ProcessMemory {
    static var residentBytes: Int {
        let fields = ((try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? "").split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
    }
}
