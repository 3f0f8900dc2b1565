import Basics
import Foundation
import Synchronization

/// The first signal received by this process, 0 before; set by the handler.
private let receivedSignal = Atomic<Int32>(0)

/// A request to stop: SIGINT, SIGTERM, SIGHUP or SIGUSR1 set a flag that trainers look at between steps.
///
/// The work in hand is finished and saved, then the run ends with exit code 75. Work that takes longer than 8 seconds is
/// given up: every file is written whole, so the run goes on from what was saved before. A second SIGINT leaves at once with 130.
public final class Interruption: Sendable {
    private let requestedSignal = Atomic<Int32>(0)
    private let listens = Atomic<Bool>(false)
    private let overdue = Mutex<(@Sendable () -> Void)?>(nil)
    /// Seconds after which a stop no longer waits for the step in hand.
    private static let patience: UInt32 = 8

    public init() {}

    private var signalNumber: Int32 {
        let requested = requestedSignal.load(ordering: .relaxed)
        if requested != 0 || !listens.load(ordering: .relaxed) { return requested }
        return receivedSignal.load(ordering: .relaxed)
    }

    public var requested: Bool { signalNumber != 0 }

    /// Asks for a stop as the signal would.
    public func request(signal: Int32 = SIGINT) { requestedSignal.store(signal, ordering: .relaxed) }

    /// What to write down when a stop is overdue, before the process ends; nil when no run is under way.
    func onOverdue(_ body: (@Sendable () -> Void)?) { overdue.withLock { $0 = body } }

    /// Called between steps, after which nothing would be lost.
    /// - Throws: `Failure` (`interrupted`) when a stop was asked for.
    public func check() throws {
        let number = signalNumber
        guard number != 0 else { return }
        let name = [SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP", SIGUSR1: "SIGUSR1"][number] ?? "signal \(number)"
        throw Failure(
            .interrupted, "stopped by \(name); everything so far is saved", remedy: "the same command again goes on from here")
    }

    /// Takes over the four signals for the rest of the process, and makes sure that the calling thread receives them:
    /// worker threads do not, and a parent process may have blocked them.
    /// - Parameter saves: whether there is something to save, and the user is told so
    public func install(saves: Bool = true) {
        listens.store(true, ordering: .relaxed)
        // The handler may only touch what is initialised already.
        _ = receivedSignal.load(ordering: .relaxed)
        var action = sigaction()
        action.sa_flags = SA_RESTART
        if saves {
            action.__sigaction_handler.sa_handler = { receive($0, "\nstopping after this step, saving first; Ctrl-C again leaves at once without saving\n") }
        } else {
            action.__sigaction_handler.sa_handler = { receive($0, "\n") }
        }
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] {
            sigaction(number, &action, nil)
            sigaddset(&signals, number)
        }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        Thread.detachNewThread { [self] in
            while receivedSignal.load(ordering: .relaxed) == 0 { usleep(100_000) }
            sleep(Self.patience)
            // Without a run there is nothing to wait for, and nothing to end.
            guard let body = overdue.withLock({ $0 }) else { return }
            body()
            _exit(Failure.Kind.interrupted.exitCode)
        }
    }
}

/// What a handler of signals may do: note the first, say so, and end with the second Ctrl-C.
private func receive(_ number: Int32, _ text: StaticString) {
    if receivedSignal.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged {
        _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    } else if number == SIGINT {
        _exit(130)
    }
}
