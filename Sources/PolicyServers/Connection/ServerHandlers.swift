import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// Sends the request to speak websocket, and reads what a server says that does not.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let address: ServerAddress
    private let mailbox: Mailbox
    /// Of the response; empty before it.
    private var status = ""
    private var body = ByteBuffer()
    /// Bytes of an error's body that are looked at.
    private static let bodyLimit = 4096

    init(_ address: ServerAddress, _ mailbox: Mailbox) {
        (self.address, self.mailbox) = (address, mailbox)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard context.channel.isActive else { return mailbox.end(.closed(code: nil, reason: "")) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: address.path, headers: ["Host": address.authority, "User-Agent": "alt"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let agrees = head.status == .switchingProtocols
            status = "HTTP \(head.status.code) \(MessageText.line(head.status.reasonPhrase, limit: 60))" + (agrees ? " without websocket's keys" : "")
            // No end follows it.
            if agrees { refused(context) }
        case .body(var part):
            body.writeBuffer(&part)
            if body.readableBytes >= Self.bodyLimit { refused(context) }
        case .end: refused(context)
        }
    }

    private func refused(_ context: ChannelHandlerContext) {
        mailbox.end(.notUpgraded(status: status, line: MessageText.line(String(decoding: body.readableBytesView.prefix(Self.bodyLimit), as: UTF8.self), limit: 200)))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if status.isEmpty { mailbox.end(.closed(code: nil, reason: "")) } else { refused(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The response that the upgrade does not accept follows.
        if error is NIOHTTPClientUpgradeError { return }
        // A body that ends before its length is still an answer.
        if !status.isEmpty { return refused(context) }
        mailbox.end(ConnectionProblem(error))
        context.close(promise: nil)
    }
}

/// What a server says over websocket: messages to the mailbox, pings answered while the asking thread waits, and the end.
final class MessageHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let mailbox: Mailbox
    private let largest: Int

    init(_ mailbox: Mailbox, largest: Int) { (self.mailbox, self.largest) = (mailbox, largest) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard frame.reservedBits.isEmpty else { return end(context, .breaksProtocol("a compressed message, which nobody agreed on"), .protocolError) }
        var content = frame.unmaskedData
        switch frame.opcode {
        case .binary: mailbox.deliver(content)
        case .text: end(context, .says(MessageText.line(String(decoding: content.readableBytesView, as: UTF8.self), limit: 300)), .normalClosure)
        case .ping: send(.pong, content, context)
        case .pong: break
        case .connectionClose:
            let code = content.readInteger(as: UInt16.self).map { Int($0) }
            let reason = MessageText.line(String(decoding: content.readableBytesView, as: UTF8.self), limit: 200)
            end(context, .closed(code: code, reason: reason), .normalClosure)
        default: end(context, .breaksProtocol("a frame of unknown kind \(frame.opcode)"), .protocolError)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        mailbox.end(.closed(code: nil, reason: ""))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength, NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge:
            end(context, .tooLong(limit: largest), .messageTooLarge)
        case is NIOWebSocketError: end(context, .breaksProtocol("a control frame that is too long or in pieces"), .protocolError)
        case is NIOWebSocketFrameAggregator.Error: end(context, .breaksProtocol("pieces that make no message"), .protocolError)
        default: end(context, ConnectionProblem(error), .goingAway)
        }
    }

    private func end(_ context: ChannelHandlerContext, _ problem: ConnectionProblem, _ code: WebSocketErrorCode) {
        mailbox.end(problem)
        var content = ByteBuffer()
        content.write(webSocketErrorCode: code)
        let channel = context.channel
        send(.connectionClose, content, context).whenComplete { _ in channel.close(promise: nil) }
    }

    @discardableResult
    private func send(_ opcode: WebSocketOpcode, _ content: ByteBuffer, _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: content)))
    }
}

extension ConnectionProblem {
    /// What an error of the network's library means.
    init(_ error: any Error) {
        switch error {
        case let error as NIOConnectionError:
            let causes = error.connectionErrors.map(\.error)
            if causes.isEmpty, let cause = error.dnsAError ?? error.dnsAAAAError {
                self = .unknownHost("\(error.host): \(cause)")
            } else if causes.contains(where: { ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
                self = .nobodyListens("connection refused")
            } else if causes.contains(where: { if case ChannelError.connectTimeout = $0 { true } else { false } }) {
                self = .nobodyListens("no answer to the attempt to connect")
            } else {
                self = .nobodyListens(causes.first.map { MessageText.line("\($0)", limit: 200) } ?? "no address answers")
            }
        case ChannelError.connectTimeout: self = .nobodyListens("no answer to the attempt to connect")
        case is ByteToMessageDecoderError, ChannelError.inputClosed, ChannelError.eof, ChannelError.ioOnClosedChannel:
            self = .closed(code: nil, reason: "in the middle of a message")
        case is HTTPParserError: self = .notUpgraded(status: "bytes that are no HTTP", line: "")
        default: self = .broken(MessageText.line("\(error)", limit: 200))
        }
    }
}
