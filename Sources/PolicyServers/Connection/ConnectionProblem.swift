import Basics

/// What goes wrong between us and a policy server, from nobody there to a message that is none.
enum ConnectionProblem: Error, Equatable {
    case nobodyListens(String)
    case unknownHost(String)
    /// The server answers, but with HTTP in place of the upgrade to websocket; `line` is the first of what it says.
    case notUpgraded(status: String, line: String)
    /// - Parameter code: the close frame's; nil where the connection ended without one.
    case closed(code: Int?, reason: String)
    case silent(seconds: Double)
    /// Of the network below.
    case broken(String)
    /// Not what RFC 6455 or openpi's protocol says.
    case breaksProtocol(String)
    case tooLong(limit: Int)
    /// A text message: how openpi's server says what went wrong in it.
    case says(String)
    case interrupted

    /// Whether the same question may find an answer over another connection.
    /// - Parameter wasReached: whether this server was there before; if not, waiting for it would only hide a wrong address.
    func mayPass(wasReached: Bool) -> Bool {
        switch self {
        // RFC 6455, section 7.4: these say that the message itself was not acceptable, and the same one will not be.
        case .closed(let code, _): ![1002, 1003, 1007, 1008, 1009].contains(code)
        case .silent, .broken: true
        case .nobodyListens, .unknownHost: wasReached
        case .notUpgraded, .breaksProtocol, .tooLong, .says, .interrupted: false
        }
    }

    /// - Parameter during: what was waited for, in words: `greeting` or `reply`.
    func failure(at server: String, during: String) -> Failure {
        switch self {
        case .nobodyListens(let found):
            Failure(
                .inputMissing, "no policy server listens there", at: server, found: found,
                remedy: "start it and wait until it says that it listens, or correct host and port")
        case .unknownHost(let found):
            Failure(.inputMissing, "the policy server's host is not known", at: server, found: found, remedy: "correct the name, or write its address")
        case .notUpgraded(let status, let line):
            Failure(
                .data, "the server does not speak websocket here", at: server, expected: "HTTP 101 and an upgrade to websocket",
                found: status + (line.isEmpty ? "" : ": \(line)"), remedy: "check port and path; openpi serves any path on port \(ServerAddress.defaultPort)")
        case .closed(let code, let reason):
            Failure(
                .inputOutput, "the policy server closed the connection", at: server, expected: during,
                found: (code.map { "close code \($0)" } ?? "the end of the connection") + (reason.isEmpty ? "" : ": \(reason)"),
                remedy: code == 1009
                    ? "the server takes no message of this size: raise its limit (max_size=None in Python's websockets)"
                    : "look at the server's own log; it may have ended or run out of memory")
        case .silent(let seconds):
            Failure(
                .inputOutput, "the policy server says nothing", at: server, expected: during,
                found: "nothing whole within \(SignificantDigits.shortened(seconds)) s",
                remedy: "look at the server's own log, or raise connection.\(during == Self.greeting ? "connect" : "request")_timeout")
        case .broken(let found):
            Failure(.inputOutput, "the connection to the policy server broke", at: server, found: found, remedy: "look at the network and at the server's own log")
        case .breaksProtocol(let found):
            Failure(
                .data, "the server does not keep to openpi's protocol", at: server,
                expected: "a binary message of metadata, then one binary msgpack message for each request", found: found,
                remedy: "serve the policy as openpi's websocket server does; the example serve_diffusion.py is one")
        case .tooLong(let limit):
            Failure(
                .data, "a message of the policy server is too long", at: server, expected: "at most \(limit >> 20) MiB",
                remedy: "raise connection.largest_message, if the server is right")
        case .says(let text):
            Failure(
                .data, "the policy server reports an error", at: server, found: text,
                remedy: "compare served.keys, history and images with what the policy was trained on; the server's own log has the rest")
        case .interrupted:
            Failure(.interrupted, "stopped while waiting for the policy server", at: server, remedy: "the same command again goes on from what was saved")
        }
    }

    static let greeting = "its metadata, as the first message"
    static let reply = "one binary reply to the request"
}
