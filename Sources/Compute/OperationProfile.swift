import Basics
import Synchronization

/// Times per kind of operation, added up over the runs of the workspaces it is given to.
///
/// Seconds are those of the thread that ran the kernel, or of a team's first thread: lanes that run side by side add
/// up to more than the wall clock shows.
public final class OperationProfile: Sendable {
    public enum Phase: String, Sendable, CaseIterable { case forward, backward }

    /// One kind of operation in one direction.
    public struct Entry: Sendable {
        public let operation: String
        public let phase: Phase
        public var calls = 0
        public var seconds = 0.0
        /// Multiplications and additions of the whole operation; backward counts each of its products.
        public var flops = 0
        /// Those that the kernels carried out.
        public var executedFlops = 0
    }

    private let sums = Mutex<[String: Entry]>([:])

    public init() {}

    /// The entries so far, the longest first.
    public var entries: [Entry] {
        sums.withLock { $0.values.sorted { ($1.seconds, $0.operation) < ($0.seconds, $1.operation) } }
    }

    public func reset() { sums.withLock { $0 = [:] } }

    fileprivate func add(_ step: Plan.Step, _ phase: Phase, seconds: Double) {
        let name = step.operation.name
        // A product's backward is one product for the parameters and one for each input that needs a gradient.
        let products = phase == .forward ? 1 : (step.operation.parameters.isEmpty ? 0 : 1) + (step.inputNeedsGradient.contains(true) ? 1 : 0)
        let flops = products * step.operation.flops(step.inputShapes)
        let executed = products * step.executedFlops
        sums.withLock {
            var entry = $0[phase.rawValue + name] ?? Entry(operation: name, phase: phase)
            entry.calls += 1
            entry.seconds += seconds
            entry.flops += flops
            entry.executedFlops += executed
            $0[phase.rawValue + name] = entry
        }
    }
}

extension OperationProfile? {
    /// Runs a step's kernel, timed when there is a profile.
    @inline(__always)
    func measure(_ step: Plan.Step, _ phase: OperationProfile.Phase, _ thread: TeamThread, _ kernel: () -> Void) {
        guard let self, thread.index == 0 else { return kernel() }
        let duration = ContinuousClock().measure(kernel)
        self.add(
            step, phase,
            seconds: Double(duration.components.seconds) + 1e-18 * Double(duration.components.attoseconds))
    }
}
