import Dispatch
import NIOCore
import Synchronization

/// Where the network's thread leaves what came, and where the asking thread waits for it.
///
/// It holds one message at most: a server that speaks without being asked would shift every later answer to the wrong question.
final class Mailbox: Sendable {
    private struct State {
        var message: ByteBuffer?
        /// The first problem; nothing is delivered after it.
        var problem: ConnectionProblem?
        var isExpecting = true
    }

    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)
    /// Seconds between two looks at whether the user wants to stop.
    private static let patience = 0.1

    /// From now on one message is expected; the first one is from the start.
    func expect() { state.withLock { $0.isExpecting = true } }

    func deliver(_ message: ByteBuffer) {
        let isExpected = state.withLock { state in
            guard state.isExpecting, state.problem == nil else { return false }
            (state.isExpecting, state.message) = (false, message)
            return true
        }
        if isExpected { arrival.signal() } else { end(.breaksProtocol("a message that nothing asked for")) }
    }

    func end(_ problem: ConnectionProblem) {
        state.withLock { $0.problem = $0.problem ?? problem }
        arrival.signal()
    }

    /// Nil while the connection is usable.
    var problem: ConnectionProblem? { state.withLock(\.problem) }

    /// Waits for the expected message.
    /// - Throws: what ended the connection; `silent` after `seconds`, `interrupted` within a tenth of a second.
    func take(within seconds: Double, isInterrupted: () -> Bool) throws(ConnectionProblem) -> ByteBuffer {
        let start = DispatchTime.now().uptimeNanoseconds
        while true {
            let (message, problem) = state.withLock { state in
                defer { state.message = nil }
                return (state.message, state.problem)
            }
            // A reply that was whole before the connection ended is a reply.
            if let message { return message }
            if let problem { throw problem }
            if isInterrupted() { throw .interrupted }
            let left = seconds - Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            guard left > 0 else { throw .silent(seconds: seconds) }
            _ = arrival.wait(timeout: .now() + min(left, Self.patience))
        }
    }
}
