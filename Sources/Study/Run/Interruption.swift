import Basics
import Dispatch
import Foundation
import Synchronization

/// A request to stop: SIGINT, SIGTERM or SIGUSR1 set a flag that trainers look at between steps.
///
/// The work in hand is finished and saved, then the run ends with exit code 75. A second SIGINT leaves at once with 130.
public final class Interruption: Sendable {
    private let signalNumber = Atomic<Int32>(0)
    private let sources = Mutex<[any DispatchSourceSignal]>([])

    public init() {}

    public var requested: Bool { signalNumber.load(ordering: .relaxed) != 0 }

    /// Asks for a stop as the signal would.
    /// - Returns: false when a stop had been asked for already.
    @discardableResult
    public func request(signal: Int32 = SIGINT) -> Bool {
        signalNumber.compareExchange(expected: 0, desired: signal, ordering: .relaxed).exchanged
    }

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
