import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// One connection to a policy server, from the first packet to its end; asked by one thread at a time.
final class ServerLink: Sendable {
    /// The server's first message.
    let metadata: MessagePackValue
    private let channel: any Channel
    private let mailbox: Mailbox
    private let settings: ConnectionSettings

    /// Connects, upgrades to websocket and reads the metadata.
    init(_ address: ServerAddress, _ settings: ConnectionSettings, isInterrupted: () -> Bool) throws(ConnectionProblem) {
        let mailbox = Mailbox(), opening = Opening()
        let connected = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // Shorter than the wait for the metadata, so that the network's own word comes first.
            .connectTimeout(.nanoseconds(Int64(settings.connectTimeout * 9e8)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A host may have several addresses, all tried at once: nothing is read or written before one has won.
            .channelOption(.autoRead, value: false)
            .connect(host: address.host, port: address.port)
        connected.whenFailure { mailbox.end(ConnectionProblem($0)) }
        connected.whenSuccess { channel in
            opening.opened(channel)
            channel.eventLoop.submit { try Self.prepare(channel, address, mailbox, largest: settings.largestBytes) }
                .flatMap { channel.setOption(.autoRead, value: true) }
                .whenFailure { mailbox.end(ConnectionProblem($0)) }
        }
        do throws(ConnectionProblem) {
            let first = try mailbox.take(within: settings.connectTimeout, isInterrupted: isInterrupted)
            metadata = try Self.value(of: first, settings)
            guard case .map = metadata else {
                throw ConnectionProblem.breaksProtocol("metadata that is no map but \(metadata.summary)")
            }
            guard let channel = opening.channel else { throw ConnectionProblem.breaksProtocol("a message before the connection") }
            (self.channel, self.mailbox, self.settings) = (channel, mailbox, settings)
        } catch {
            opening.giveUp()
            throw error
        }
    }

    /// - Parameter request: a msgpack message
    func ask(_ request: [UInt8], isInterrupted: () -> Bool) throws(ConnectionProblem) -> MessagePackValue {
        if let problem = mailbox.problem { throw problem }
        mailbox.expect()
        channel.writeAndFlush(
            WebSocketFrame(fin: true, opcode: .binary, maskKey: .random(), data: ByteBuffer(bytes: request)), promise: nil)
        let reply = try mailbox.take(within: settings.requestTimeout, isInterrupted: isInterrupted)
        return try Self.value(of: reply, settings)
    }

    /// Says goodbye and does not wait for an answer.
    func close() {
        let channel = channel
        var code = ByteBuffer()
        code.write(webSocketErrorCode: .normalClosure)
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: code))
            .whenComplete { _ in channel.close(promise: nil) }
    }

    private static func value(of message: ByteBuffer, _ settings: ConnectionSettings) throws(ConnectionProblem) -> MessagePackValue {
        var limits = MessagePackLimits()
        limits.bytes = settings.largestBytes
        do throws(MessagePackError) { return try MessagePackValue(decoding: Array(message.readableBytesView), limits: limits) } catch {
            throw .breaksProtocol("a binary message that is no msgpack: \(error)")
        }
    }

    /// HTTP first; its handlers leave when the server agrees to speak websocket.
    private static func prepare(_ channel: any Channel, _ address: ServerAddress, _ mailbox: Mailbox, largest: Int) throws {
        let handshake = HandshakeHandler(address, mailbox)
        let upgrader = NIOWebSocketClientUpgrader(maxFrameSize: largest, automaticErrorHandling: false) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers([
                    // Servers cut messages into pieces of 16 KiB or so; very many very small ones are no message but an attack.
                    NIOWebSocketFrameAggregator(minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1 << 17, maxAccumulatedFrameSize: largest),
                    MessageHandler(mailbox, largest: largest),
                ])
            }
        }
        let bound = NIOLoopBound(handshake, eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.addHTTPClientHandlers(
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: ([upgrader], { context in context.pipeline.syncOperations.removeHandler(bound.value, promise: nil) }))
        try channel.pipeline.syncOperations.addHandler(handshake)
    }
}

/// The connection while it is being made: it may come after nobody waits for it any more.
private final class Opening: Sendable {
    private struct State {
        var channel: (any Channel)?
        var isGivenUp = false
    }

    private let state = Mutex(State())

    var channel: (any Channel)? { state.withLock(\.channel) }

    func opened(_ channel: any Channel) {
        let isLate = state.withLock { state in
            state.channel = channel
            return state.isGivenUp
        }
        if isLate { channel.close(promise: nil) }
    }

    func giveUp() {
        let channel = state.withLock { state in
            state.isGivenUp = true
            return state.channel
        }
        channel?.close(promise: nil)
    }
}
