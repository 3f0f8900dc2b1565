import Basics
import Dispatch
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// What a connection says before it speaks websocket: /healthz, or something that this server is not for.
final class GreetingHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let desk: ServingDesk
    private var isAnswered = false
    private var patience: Scheduled<Void>?

    init(_ desk: ServingDesk) { self.desk = desk }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        patience = context.eventLoop.scheduleTask(in: .nanoseconds(Int64(desk.limits.greeting * 1e9))) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { patience?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data), !isAnswered else { return }
        isAnswered = true
        let path = head.uri.prefix { $0 != "?" }
        if path == "/healthz", [.GET, .HEAD].contains(head.method) {
            answer(context, .ok, "OK\n", head)
        } else if head.headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" }) {
            answer(context, .serviceUnavailable, "all \(desk.limits.clients) places are taken\n", head)
        } else {
            answer(context, .upgradeRequired, "this is a policy server of openpi's protocol: connect by websocket\n", head)
        }
    }

    private func answer(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ text: String, _ request: HTTPRequestHead) {
        var headers: HTTPHeaders = ["Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(text.utf8.count)", "Connection": "close"]
        if status == .upgradeRequired { headers.add(name: "Upgrade", value: "websocket") }
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        if request.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil) }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // One that is not let in is answered like any other request.
        if !(error is NIOWebSocketUpgradeError) { context.close(promise: nil) }
    }
}

/// One client over websocket: its requests go to the desk's queue, its pings are answered while the policy computes.
final class ServingHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let desk: ServingDesk
    private let client: ServedClient
    /// Times in a row that nothing came.
    private var silences = 0

    init(_ desk: ServingDesk, _ client: ServedClient) { (self.desk, self.client) = (desk, client) }

    func handlerAdded(context: ChannelHandlerContext) { send(.binary, ByteBuffer(bytes: desk.metadata), context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let arrived = DispatchTime.now(), frame = unwrapInboundIn(data)
        silences = 0
        if client.isEnding {
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        // RFC 6455, section 5.1: a client masks every frame. Pieces that were put together carry no mask any more.
        guard frame.reservedBits.isEmpty else { return end(context, "a compressed message, which nobody agreed on", .protocolError) }
        // It is not written to without end by one who asks and does not listen.
        guard context.channel.isWritable else { return end(context, "answers are not read", .policyViolation) }
        switch frame.opcode {
        case .binary: ask(context, frame.unmaskedBytes, arrived)
        case .text: end(context, "a request is a binary message of msgpack; this is text", .unexpectedServerError)
        case .ping: send(.pong, frame.unmaskedData, context)
        case .pong: break
        case .connectionClose: leave(context, frame.unmaskedData)
        default: end(context, "a frame of unknown kind", .protocolError)
        }
    }

    private func ask(_ context: ChannelHandlerContext, _ content: [UInt8], _ arrived: DispatchTime) {
        do throws(RequestProblem) {
            let request = try desk.read(content)
            guard let index = client.enter(limit: desk.limits.waitingPerClient) else {
                throw RequestProblem("\(desk.limits.waitingPerClient) requests of this client wait already: ask again after an answer")
            }
            if request.isRepeated, client.warns() {
                desk.warn("client \(client.number) sends one observed step where the policy sees \(desk.service.layout.observationSteps): it stands for all, as at the start of an episode")
            }
            desk.queue.add(RequestQueue.Waiting(client: client, request: request, index: index, arrived: arrived))
        } catch { end(context, error.text, .unexpectedServerError) }
    }

    /// The client's goodbye, with its own code.
    private func leave(_ context: ChannelHandlerContext, _ content: ByteBuffer) {
        var code = content
        client.end(nil, code.readSlice(length: min(2, code.readableBytes)) ?? ByteBuffer())
    }

    /// One text message, then the close frame.
    private func end(_ context: ChannelHandlerContext, _ text: String, _ code: WebSocketErrorCode) {
        guard !client.isEnding else { return }
        client.sayGoodbye(text, code)
        desk.log("client \(client.number): \(text)")
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        silences += 1
        guard silences < 3, context.channel.isWritable, !client.isEnding else { return context.close(promise: nil) }
        send(.ping, ByteBuffer(), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength, NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge:
            end(context, "a request of more than \(desk.requestBytes) bytes, which is four times what the policy observes and more", .messageTooLarge)
        case is NIOWebSocketError: end(context, "a control frame that is too long or in pieces", .protocolError)
        case is UnmaskedFrame: end(context, "a frame without a mask", .protocolError)
        case is NIOWebSocketFrameAggregator.Error: end(context, "pieces that make no message", .protocolError)
        default: context.close(promise: nil)
        }
    }

    private func send(_ opcode: WebSocketOpcode, _ content: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: content)), promise: nil)
    }
}

extension WebSocketFrame {
    /// The content without its mask, eight bytes at a time: swift-nio's own way, byte by byte, takes a fifth of a millisecond for two
    /// observed steps of two cameras.
    fileprivate var unmaskedBytes: [UInt8] {
        guard let maskKey else { return Array(data.readableBytesView) }
        let key = Array(maskKey), count = data.readableBytes
        return data.withUnsafeReadableBytes { masked in
            [UInt8](unsafeUninitializedCapacity: count) { clear, initialized in
                let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(key[$1 & 3]) << UInt64(8 * $1) }.littleEndian
                let target = UnsafeMutableRawBufferPointer(clear), whole = count & ~7
                for place in stride(from: 0, to: whole, by: 8) {
                    target.storeBytes(of: masked.loadUnaligned(fromByteOffset: place, as: UInt64.self) ^ word, toByteOffset: place, as: UInt64.self)
                }
                for place in whole..<count { clear[place] = masked[place] ^ key[place & 3] }
                initialized = count
            }
        }
    }
}
