import Basics
import Foundation
import NIOCore
import Synchronization
import Testing

@testable import PolicyServers

/// Servers that do everything a server should not, on the loopback.
@Suite struct PolicyConnectionTests {
    private typealias Script = TestServer.Script
    private static let question: MessagePackValue = .named([("state", .integer(1))])

    /// - Parameter seconds: of both time-outs
    private static func settings(retries: Int = 0, seconds: Double = 20, mebibytes: Int = 1) -> ConnectionSettings {
        ConnectionSettings {
            ($0.connectTimeout, $0.requestTimeout, $0.retries, $0.backoff, $0.largestMessage) = (seconds, seconds, retries, 0.01, mebibytes)
        }
    }

    /// The failure of connecting, or of the first question.
    private func failure(_ server: TestServer, _ settings: ConnectionSettings = Self.settings()) throws -> Failure {
        try #require(throws: Failure.self) { _ = try PolicyConnection(to: server.address, settings).ask(Self.question) }
    }

    @Test func `metadata come first, then a reply for every request`() throws {
        let server = try TestServer { _ in
            Script(opened: { $0.send(.named([("horizon", .integer(4))])) }, asked: { $0.send(.named([("echo", $1)])) })
        }
        let connection = try PolicyConnection(to: ServerAddress("ws://localhost:\(server.address.port)/any/path?x=1"), Self.settings())
        #expect(connection.metadata["horizon"] == .integer(4))
        for number in 0..<20 {
            let request: MessagePackValue = .named([("n", .integer(Int64(number)))])
            #expect(try connection.ask(request)["echo"] == request)
        }
        #expect(server.connections.count == 1)
    }

    @Test func `threads that ask at once each get their own answer`() throws {
        let server = try TestServer { _ in Script(asked: { $0.send($1) }) }
        let connection = try PolicyConnection(to: server.address, Self.settings())
        let answers = WorkerPool(workers: 4).map(count: 40) { index in Result { try connection.ask(.integer(Int64(index))) } }
        for (index, answer) in answers.enumerated() { #expect(try answer.get() == .integer(Int64(index))) }
    }

    @Test func `nobody there, an unknown host and a time-out are told apart`() throws {
        let address = try TestServer { _ in Script() }.address
        let refused = try #require(throws: Failure.self) {
            // The server's end may take a moment.
            for _ in 0..<500 { try PolicyConnection(to: address, Self.settings(retries: 5)).close(); Thread.sleep(forTimeInterval: 0.01) }
        }
        #expect(refused.kind == .inputMissing && refused.what.contains("no policy server listens") && refused.location == "\(address)", "\(refused)")
        let unknown = try #require(throws: Failure.self) { try PolicyConnection(to: ServerAddress("ws://no-such-host.invalid:8000"), Self.settings()) }
        #expect(unknown.kind == .inputMissing, "\(unknown)")
        let mute = try failure(TestServer { _ in Script(opened: { _ in }) }, Self.settings(seconds: 0.3))
        #expect(mute.kind == .inputOutput && mute.what.contains("says nothing") && mute.remedy?.contains("connect_timeout") == true, "\(mute)")
        let slow = try failure(TestServer { _ in Script(asked: { _, _ in }) }, Self.settings(seconds: 0.3))
        #expect(slow.kind == .inputOutput && slow.found?.contains("0.3 s") == true && slow.remedy?.contains("request_timeout") == true, "\(slow)")
    }

    @Test func `HTTP in place of websocket is explained with its first line`() throws {
        let absent = try failure(TestServer(raw: "HTTP/1.1 404 Not Found\r\nContent-Length: 26\r\n\r\n\nno such page\nsecond line\n"))
        #expect(absent.kind == .data && absent.found == "HTTP 404 Not Found: no such page", "\(absent)")
        let keyless = try failure(TestServer(raw: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n"))
        #expect(keyless.kind == .data && keyless.found?.contains("without websocket's keys") == true, "\(keyless)")
        let other = try failure(TestServer(raw: "SSH-2.0-OpenSSH_9.6\r\n"))
        #expect(other.kind == .data && other.what.contains("does not speak websocket"), "\(other)")
        let unfinished = try failure(TestServer(raw: "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 999\r\n\r\nloading"))
        #expect(unfinished.kind == .data && unfinished.found?.contains("503") == true, "\(unfinished)")
    }

    @Test func `a text message is the server's error: its first line is shown, and nothing is asked again`() throws {
        let server = try TestServer { _ in
            Script(asked: { conversation, _ in
                conversation.send(text: "\nKeyError: 'observation/image'\n  File policy.py, line 3\n" + String(repeating: "x", count: 5000))
                conversation.close(code: 1011)
            })
        }
        let failure = try failure(server, Self.settings(retries: 3))
        #expect(failure.kind == .data && failure.found == "KeyError: 'observation/image'" && server.connections.count == 1, "\(failure)")
        let atOnce = try self.failure(TestServer { _ in Script(opened: { $0.send(text: "model is loading") }) })
        #expect(atOnce.found == "model is loading")
    }

    @Test func `a server that hangs up at once, in a frame, in a message or with a close frame is told`() throws {
        // A frame that declares 100 bytes and ends after 3, and the first piece of a message.
        let scripts: [Script] = [
            Script(opened: { $0.hangUp() }), Script(asked: { conversation, _ in conversation.hangUp() }),
            Script(asked: { conversation, _ in conversation.send(raw: [0x82, 100, 1, 2, 3], closes: true) }),
            Script(asked: { conversation, _ in conversation.send(bytes: [0x81], fin: false); conversation.hangUp() }),
            Script(asked: { conversation, _ in conversation.close(code: 1009, "message too big") }),
        ]
        for (index, script) in scripts.enumerated() {
            let failure = try failure(TestServer { _ in script })
            #expect(failure.kind == .inputOutput && failure.what.contains("closed the connection"), "\(index): \(failure)")
            if index == 4 { #expect(failure.found == "close code 1009: message too big" && failure.remedy?.contains("max_size") == true, "\(failure)") }
        }
    }

    @Test func `bytes that are no msgpack, metadata that are no map, and frames that are none are told`() throws {
        let scripts: [Script] = [
            Script(opened: { $0.send(bytes: [0xc1]) }), Script(opened: { $0.send(.array([])) }), Script(opened: { $0.send(bytes: []) }),
            Script(asked: { conversation, _ in conversation.send(bytes: [0xdd, 0xff, 0xff, 0xff, 0xff]) }),
            Script(asked: { conversation, _ in conversation.send(bytes: [0x81, 0xa1, 0x61]) }),
            // A reserved bit, an opcode without meaning, a ping in pieces, a piece of nothing.
            Script(asked: { conversation, _ in conversation.send(raw: [0xc2, 1, 0x80]) }), Script(asked: { conversation, _ in conversation.send(raw: [0x83, 1, 0x80]) }),
            Script(asked: { conversation, _ in conversation.send(raw: [0x09, 1, 0x80]) }), Script(asked: { conversation, _ in conversation.send(raw: [0x80, 1, 0x80]) }),
        ]
        for (index, script) in scripts.enumerated() {
            let server = try TestServer { _ in script }, failure = try failure(server, Self.settings(retries: 3))
            #expect(failure.kind == .data && failure.what.contains("does not keep to openpi's protocol") && server.connections.count == 1, "\(index): \(failure)")
        }
    }

    @Test func `huge declared lengths and endless pieces end at the cap`() throws {
        let scripts: [Script] = [
            Script(asked: { conversation, _ in conversation.send(raw: [0x82, 127] + [UInt8](repeating: 0x7f, count: 8)) }),
            Script(asked: { conversation, _ in conversation.send(raw: [0x82, 127] + [UInt8](repeating: 0xff, count: 8)) }),
            Script(asked: { conversation, _ in
                conversation.send(bytes: [], fin: false)
                for _ in 0..<40 { conversation.send(bytes: [UInt8](repeating: 0, count: 1 << 15), .continuation, fin: false) }
            }),
        ]
        for script in scripts {
            let failure = try failure(TestServer { _ in script })
            #expect(failure.kind == .data && failure.what.contains("too long") && failure.expected == "at most 1 MiB", "\(failure)")
        }
    }

    @Test func `random bytes in place of frames are an error and no crash`() throws {
        let server = try TestServer { index in
            Script(asked: { conversation, _ in
                var random = RandomSource(Seed(UInt64(index)))
                conversation.send(raw: (0..<1 + random.index(below: 60)).map { _ in UInt8(random.index(below: 256)) }, closes: true)
            })
        }
        let connection = try PolicyConnection(to: server.address, Self.settings())
        for _ in 0..<200 { #expect(throws: Failure.self) { try connection.ask(Self.question) } }
        #expect(server.connections.count == 200)
    }

    @Test func `damaged HTTP is an error and no crash`() throws {
        var random = RandomSource(Seed(9))
        for _ in 0..<100 {
            var bytes = Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nabc".utf8)
            for _ in 0...random.index(below: 3) { bytes[random.index(below: bytes.count)] = UInt8(random.index(below: 128)) }
            let failure = try failure(TestServer(raw: String(decoding: bytes, as: UTF8.self)))
            #expect([.data, .inputOutput].contains(failure.kind), "\(failure)")
        }
    }

    @Test func `a message in pieces with pings between them is one message`() throws {
        let reply: MessagePackValue = .named([("data", .binary((0..<100_000).map { UInt8($0 & 0xff) }))])
        let server = try TestServer { _ in Script(opened: { $0.send(.named([("x", .null)]), pieces: 1) }, asked: { conversation, _ in conversation.send(reply, pieces: 999) }) }
        let connection = try PolicyConnection(to: server.address, Self.settings())
        #expect(try connection.metadata == .named([("x", .null)]) && connection.ask(Self.question) == reply)
    }

    @Test func `a ping is answered while we wait for the reply`() throws {
        let server = try TestServer { _ in
            Script(asked: { conversation, _ in conversation.send(bytes: Array("are you there".utf8), .ping) }, ponged: { $0.send(.binary($1)) })
        }
        #expect(try PolicyConnection(to: server.address, Self.settings()).ask(Self.question) == .binary(Array("are you there".utf8)))
    }

    @Test func `a message that nothing asked for is no answer to the next question`() throws {
        let mailbox = Mailbox(), message = ByteBuffer(bytes: [0x80])
        mailbox.deliver(message)
        #expect(try mailbox.take(within: 1, isInterrupted: { false }) == message)
        mailbox.deliver(message)
        mailbox.expect()
        #expect(throws: ConnectionProblem.breaksProtocol("a message that nothing asked for")) { try mailbox.take(within: 1, isInterrupted: { false }) }
        #expect(mailbox.problem?.mayPass(wasReached: true) == false)
    }

    @Test func `a lost connection, a restarted server and a slow reply are asked again, each told in the log`() throws {
        let server = try TestServer { index in
            switch index {
            case 0: Script(opened: { $0.hangUp() })
            case 1: Script(asked: { conversation, _ in conversation.hangUp() })
            case 2: Script(asked: { _, _ in })
            default: Script()
            }
        }
        let lines = Mutex<[String]>([])
        let connection = try PolicyConnection(to: server.address, Self.settings(retries: 3, seconds: 1), log: { line in lines.withLock { $0.append(line) } })
        #expect(try connection.ask(Self.question)["actions"] != nil)
        let log = lines.withLock { $0 }
        #expect(server.connections.count == 4 && log.count == 3 && log.allSatisfy { $0.contains("asking again") && $0.contains("\(server.address)") }, "\(log)")
    }

    @Test func `retries end, and the failure says how many there were`() throws {
        let server = try TestServer { _ in Script(asked: { conversation, _ in conversation.hangUp() }) }
        let failure = try failure(server, Self.settings(retries: 2))
        #expect(failure.kind == .inputOutput && failure.found?.contains("after 2 retries") == true && server.connections.count == 3, "\(failure)")
    }

    @Test func `a stop is noticed while waiting for the metadata, the reply and the next try`() throws {
        let servers = [
            try TestServer { _ in Script(opened: { _ in }) }, try TestServer { _ in Script(asked: { _, _ in }) },
            try TestServer { _ in Script(opened: { $0.hangUp() }) },
        ]
        for server in servers {
            let start = ContinuousClock.now
            let failure = try #require(throws: Failure.self) {
                var settings = Self.settings(retries: 5)
                settings.backoff = 20
                let connection = try PolicyConnection(to: server.address, settings, isInterrupted: { ContinuousClock.now - start > .milliseconds(200) })
                _ = try connection.ask(Self.question)
            }
            #expect(failure.kind == .interrupted, "\(failure)")
            // Twenty seconds without it.
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }
}
