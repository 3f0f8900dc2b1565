import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization
import Testing

@testable import PolicyServers

/// A policy server on the loopback, as good or bad as its script.
final class TestServer: Sendable {
    /// What one connection is served.
    struct Script: Sendable {
        /// After the upgrade; openpi's server sends its metadata then.
        var opened: @Sendable (Conversation) -> Void = { $0.send(.map([])) }
        /// For every binary message.
        var asked: @Sendable (Conversation, MessagePackValue) -> Void = { conversation, _ in conversation.send(.named([("actions", TestServer.actions())])) }
        /// For every pong, with its content.
        var ponged: @Sendable (Conversation, [UInt8]) -> Void = { _, _ in }
    }

    let address: ServerAddress
    private let channel: any Channel
    /// Connections so far.
    let connections: Counter

    /// A server that speaks websocket.
    /// - Parameter script: of the first connection, the second ...
    convenience init(_ script: @escaping @Sendable (Int) -> Script) throws {
        try self.init { channel, index in
            let upgrader = NIOWebSocketServerUpgrader(
                maxFrameSize: 1 << 24, shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
                upgradePipelineHandler: { channel, _ in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(ScriptHandler(script(index))) }
                })
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(withServerUpgrade: ([upgrader], { _ in }))
        }
    }

    /// A server that speaks something else: it answers the first bytes with these, and closes.
    convenience init(raw reply: String) throws {
        try self.init { channel, _ in try channel.pipeline.syncOperations.addHandler(RawHandler(reply)) }
    }

    private init(prepare: @escaping @Sendable (any Channel, Int) throws -> Void) throws {
        let counter = Counter()
        connections = counter
        channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try prepare(channel, counter.next()) } }
            .bind(host: "127.0.0.1", port: 0).wait()
        address = try ServerAddress("ws://127.0.0.1:\(#require(channel.localAddress?.port))")
    }

    deinit { channel.close(promise: nil) }

    /// [horizon, width], 0.5 everywhere.
    static func actions(_ horizon: Int = 4, _ width: Int = 2, _ value: Float = 0.5) -> MessagePackValue {
        array([Float](repeating: value, count: horizon * width), [horizon, width])
    }

    static func array(_ values: [Float], _ shape: [Int]) -> MessagePackValue { NumpyArray(values, shape: shape).value }
}

final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    var count: Int { value.load(ordering: .relaxed) }
    /// The count before.
    func next() -> Int { value.add(1, ordering: .relaxed).oldValue }
}

/// The server's end of a connection.
struct Conversation: Sendable {
    let channel: any Channel

    func send(_ value: MessagePackValue) { send(bytes: value.encoded()) }

    func send(bytes: [UInt8], _ opcode: WebSocketOpcode = .binary, fin: Bool = true) {
        channel.writeAndFlush(WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(bytes: bytes)), promise: nil)
    }

    func send(text: String) { send(bytes: Array(text.utf8), .text) }

    /// One message in pieces, with a ping between any two.
    func send(_ value: MessagePackValue, pieces size: Int) {
        let bytes = value.encoded(), starts = Array(stride(from: 0, to: bytes.count, by: size))
        for start in starts {
            send(bytes: Array(bytes[start..<min(start + size, bytes.count)]), start == 0 ? .binary : .continuation, fin: start == starts.last)
            send(bytes: [1], .ping)
        }
    }

    /// Bytes below the frames.
    func send(raw bytes: [UInt8], closes: Bool = false) {
        let channel = channel
        channel.eventLoop.execute {
            do {
                let context = try channel.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self)
                context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
            } catch { Issue.record(error) }
            if closes { channel.close(promise: nil) }
        }
    }

    func close(code: UInt16, _ reason: String = "") {
        send(bytes: [UInt8(code >> 8), UInt8(code & 0xff)] + Array(reason.utf8), .connectionClose)
        hangUp()
    }

    /// Ends the connection without a word.
    func hangUp() { channel.close(promise: nil) }

    func after(milliseconds: Int64, _ body: @escaping @Sendable () -> Void) { channel.eventLoop.scheduleTask(in: .milliseconds(milliseconds), body) }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    private let script: TestServer.Script

    init(_ script: TestServer.Script) { self.script = script }

    func handlerAdded(context: ChannelHandlerContext) { script.opened(Conversation(channel: context.channel)) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data), conversation = Conversation(channel: context.channel), content = Array(frame.unmaskedData.readableBytesView)
        // RFC 6455, section 5.1: a client masks every frame.
        if frame.maskKey == nil { Issue.record("a frame that is not masked") }
        switch frame.opcode {
        case .binary:
            do { script.asked(conversation, try MessagePackValue(decoding: content)) } catch { Issue.record(error) }
        case .pong: script.ponged(conversation, content)
        case .connectionClose: context.close(promise: nil)
        default: Issue.record("a client that sends \(frame.opcode)")
        }
    }

    // Clients that leave in the middle are what these servers are for.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let reply: String

    init(_ reply: String) { self.reply = reply }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = context.channel
        channel.writeAndFlush(ByteBuffer(string: reply)).whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
