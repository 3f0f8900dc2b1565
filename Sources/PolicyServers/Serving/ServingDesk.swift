import Basics
import Dispatch
import Foundation
import NIOCore
import NIOWebSocket
import Synchronization

/// What all connections of a server share: who is there, what waits, and what is said to all.
final class ServingDesk: Sendable {
    let service: PolicyService
    let limits: ServerLimits
    let requestBytes: Int
    let queue = RequestQueue()
    let log, warn: @Sendable (String) -> Void
    /// The first message to every client.
    let metadata: [UInt8]
    private let reader: ObservationReader
    private let messageLimits: MessagePackLimits
    private let present = Mutex(Present())

    private struct Present {
        var clients: [Int: ServedClient] = [:]
        var admitted = 0
        var connections = 0
        var next = 1
        var isClosed = false
    }

    init(
        _ service: PolicyService, _ limits: ServerLimits, log: @escaping @Sendable (String) -> Void, warn: @escaping @Sendable (String) -> Void
    ) {
        (self.service, self.limits, self.log, self.warn) = (service, limits, log, warn)
        requestBytes = limits.requestBytes(service)
        metadata = service.metadata.encoded()
        reader = ObservationReader(cameras: service.cameras, lowDimKeys: service.lowDimKeys, steps: service.layout.observationSteps)
        var messageLimits = MessagePackLimits()
        // An observation is a few dozen values; each takes memory of ours, although one byte declares it.
        (messageLimits.bytes, messageLimits.depth, messageLimits.values) = (requestBytes, 8, 10_000)
        self.messageLimits = messageLimits
    }

    /// Whether one more may connect: twice as many as are admitted, since some only ask for /healthz.
    func connects(_ channel: any Channel) -> Bool {
        let isRoom = present.withLock { present in
            guard !present.isClosed, present.connections < 2 * limits.clients + 8 else { return false }
            present.connections += 1
            return true
        }
        if isRoom { channel.closeFuture.whenComplete { _ in self.present.withLock { $0.connections -= 1 } } }
        return isRoom
    }

    /// Whether one more may speak websocket.
    func admits(_ channel: any Channel) -> Bool {
        let isRoom = present.withLock { present in
            guard !present.isClosed, present.admitted < limits.clients else { return false }
            present.admitted += 1
            return true
        }
        if isRoom { channel.closeFuture.whenComplete { _ in self.present.withLock { $0.admitted -= 1 } } }
        return isRoom
    }

    func welcome(_ channel: any Channel) -> ServedClient {
        let (client, count, isClosed) = present.withLock { present in
            let client = ServedClient(present.next, channel)
            present.next += 1
            present.clients[client.number] = client
            return (client, present.clients.count, present.isClosed)
        }
        // One that was let in while the others were told goodbye.
        if isClosed { client.sayGoodbye(nil, .goingAway) }
        log("client \(client.number) is here, \(count) of at most \(limits.clients)")
        channel.closeFuture.whenComplete { _ in
            self.present.withLock { $0.clients[client.number] = nil }
            self.queue.forget(client)
            self.log("client \(client.number) has left")
        }
        return client
    }

    /// Clients served so far.
    var served: Int { present.withLock { $0.next - 1 } }

    /// Nobody is let in any more.
    /// - Returns: those that are there
    func shut() -> [ServedClient] {
        present.withLock { present in
            present.isClosed = true
            return Array(present.clients.values)
        }
    }

    /// - Parameter bytes: of one binary message
    func read(_ bytes: [UInt8]) throws(RequestProblem) -> PolicyRequest {
        let value: MessagePackValue
        do throws(MessagePackError) { value = try MessagePackValue(decoding: bytes, limits: messageLimits) } catch {
            throw RequestProblem("a request is a msgpack map; this is none, \(error)")
        }
        return try reader.read(value)
    }
}
