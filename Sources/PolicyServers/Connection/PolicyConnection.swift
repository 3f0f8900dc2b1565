import Basics
import Foundation
import Synchronization

/// A client of openpi's websocket protocol: one policy server, asked by one thread at a time, reconnected where it must be.
///
/// The server speaks first, a msgpack map of metadata; then one binary message answers each request (Physical-Intelligence/openpi,
/// `websocket_policy_server.py`). Threads that ask at once wait for one another, as the protocol has no names for requests.
public final class PolicyConnection: Sendable {
    public let address: ServerAddress
    /// The map that the server published when it was reached first; often empty.
    public let metadata: MessagePackValue
    private let settings: ConnectionSettings
    private let log: @Sendable (String) -> Void
    private let isInterrupted: @Sendable () -> Bool
    /// Nil where the last one was lost.
    private let link: Mutex<ServerLink?>

    /// Connects and reads the metadata.
    /// - Parameters:
    ///   - log: told of each retry, in a line
    ///   - isInterrupted: looked at ten times a second while we wait
    /// - Throws: `Failure`: `inputMissing` where nobody listens, `inputOutput` for a lost connection or silence, `data` for a server
    ///   that speaks something else or reports an error, `interrupted`.
    public init(
        to address: ServerAddress, _ settings: ConnectionSettings = ConnectionSettings(), log: @escaping @Sendable (String) -> Void = { _ in },
        isInterrupted: @escaping @Sendable () -> Bool = { false }
    ) throws {
        (self.address, self.settings, self.log, self.isInterrupted) = (address, settings, log, isInterrupted)
        let first = try Self.retrying(address, settings, log, isInterrupted, isFirst: true) { () throws(ConnectionProblem) in
            try ServerLink(address, settings, isInterrupted: isInterrupted)
        }
        metadata = first.metadata
        link = Mutex(first)
    }

    deinit { close() }

    /// Sends one request and waits for its reply.
    ///
    /// After a lost connection or silence it is asked again over a new connection, `retries` times; an error that the server reports,
    /// or a message that is none, ends it at once.
    /// - Throws: `Failure` as `init`.
    public func ask(_ request: MessagePackValue) throws -> MessagePackValue {
        let bytes = request.encoded()
        return try link.withLock { link in
            try Self.retrying(address, settings, log, isInterrupted, isFirst: false) { () throws(ConnectionProblem) in
                let open: ServerLink
                if let link { open = link } else {
                    open = try ServerLink(address, settings, isInterrupted: isInterrupted)
                    if open.metadata != metadata { log("\(address) publishes other metadata than before: does it serve another policy?") }
                    link = open
                }
                do throws(ConnectionProblem) { return try open.ask(bytes, isInterrupted: isInterrupted) } catch {
                    // Nothing that comes over it later may be taken for the answer to another question.
                    open.close()
                    link = nil
                    throw error
                }
            }
        }
    }

    /// Ends the connection; a later question opens another.
    public func close() {
        link.withLock { link in
            link?.close()
            link = nil
        }
    }

    /// Seconds.
    private static let longestPause = 30.0

    private static func retrying<Result>(
        _ address: ServerAddress, _ settings: ConnectionSettings, _ log: (String) -> Void, _ isInterrupted: () -> Bool, isFirst: Bool,
        _ attempt: () throws(ConnectionProblem) -> Result
    ) throws -> Result {
        var pause = settings.backoff
        for left in stride(from: settings.retries, through: 0, by: -1) {
            do throws(ConnectionProblem) {
                if isInterrupted() { throw .interrupted }
                return try attempt()
            } catch {
                let mayPass = error.mayPass(wasReached: !isFirst)
                var failure = error.failure(at: "\(address)", during: isFirst ? ConnectionProblem.greeting : ConnectionProblem.reply)
                guard left > 0, mayPass else {
                    if mayPass, settings.retries > 0 { failure.found = "\(failure.found ?? "nothing"), also after \(settings.retries) retries" }
                    throw failure
                }
                let found = failure.found.map { ": \($0)" } ?? ""
                log("\(address): \(failure.what)\(found); asking again in \(SignificantDigits.shortened(pause)) s, \(left) \(left == 1 ? "try" : "tries") left")
                guard wait(pause, isInterrupted) else { throw ConnectionProblem.interrupted.failure(at: "\(address)", during: "") }
                pause = min(2 * pause, max(settings.backoff, longestPause))
            }
        }
        throw Failure(.defect, "a question was asked no time", at: "\(address)", found: "\(settings.retries) retries")
    }

    /// - Returns: false when the user wants to stop before it is over.
    private static func wait(_ seconds: Double, _ isInterrupted: () -> Bool) -> Bool {
        var left = seconds
        while left > 0 {
            if isInterrupted() { return false }
            Thread.sleep(forTimeInterval: min(left, 0.1))
            left -= 0.1
        }
        return true
    }
}
