import Basics
import Dispatch
import Foundation
import Synchronization

/// A request to stop: SIGINT, SIGTERM or SIGUSR1 set a flag that trainers look at between steps.
///
/// The work in hand is finished and saved, then the run ends with exit code 75. Work that takes longer than 8 seconds is
/// given up: every file is written whole, so the run goes on from what was saved before. A second SIGINT leaves at once with 130.
public final class Interruption: Sendable {
    private let signalNumber = Atomic<Int32>(0)
    private let sources = Mutex<[any DispatchSourceSignal]>([])
    private let overdue = Mutex<(@Sendable () -> Void)?>(nil)
    /// Seconds after which a stop no longer waits for the step in hand.
    private static let patience = 8.0

    public init() {}

    public var requested: Bool { signalNumber.load(ordering: .relaxed) != 0 }

    /// Asks for a stop as the signal would.
    /// - Returns: false when a stop had been asked for already.
    @discardableResult
    public func request(signal: Int32 = SIGINT) -> Bool {
        signalNumber.compareExchange(expected: 0, desired: signal, ordering: .relaxed).exchanged
    }

    /// What to write down when a stop is overdue; nil for nothing.
    func onOverdue(_ body: (@Sendable () -> Void)?) { overdue.withLock { $0 = body } }

    /// Called between steps, after which nothing would be lost.
    /// - Throws: `Failure` (`interrupted`) when a stop was asked for.
    public func check() throws {
        let number = signalNumber.load(ordering: .relaxed)
        guard number != 0 else { return }
        let name = [SIGINT: "SIGINT", SIGTERM: "SIGTERM", SIGUSR1: "SIGUSR1"][number] ?? "signal \(number)"
        throw Failure(
            .interrupted, "stopped by \(name); everything so far is saved", remedy: "the same command again goes on from here")
    }

    /// Takes over the three signals for the rest of the process.
    public func install(announce: @escaping @Sendable (String) -> Void) {
        let queue = DispatchQueue(label: "interruption", qos: .userInteractive)
        sources.withLock { sources in
            for number in [SIGINT, SIGTERM, SIGUSR1] {
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { [weak self] in
                    guard let self else { return }
                    if request(signal: number) {
                        announce("stopping after this step, saving first; Ctrl-C again leaves at once without saving")
                        queue.asyncAfter(deadline: .now() + Self.patience) { [self] in
                            announce("the step takes too long and is given up; the same command again goes on from what is saved")
                            overdue.withLock { $0?() }
                            _exit(Failure.Kind.interrupted.exitCode)
                        }
                    } else if number == SIGINT {
                        _exit(130)
                    }
                }
                source.resume()
                sources.append(source)
            }
        }
    }
}
