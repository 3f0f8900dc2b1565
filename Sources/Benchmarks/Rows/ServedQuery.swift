import Basics
import Demonstrations
import Foundation
import Policies
import PolicyServers
import Synchronization

/// A query of ten denoising steps by openpi's protocol over the loopback: what `alt serve` adds to the policy's own time.
final class ServedQuery: Measurable {
    private let query: PolicyQuery
    private let client: ServedPolicy
    private let times: OwnTimes
    private let isOver = Flag()
    /// Milliseconds of each run beyond the policy's own.
    private var added: [Double] = []
    var flops: Int { query.flops }
    var executedFlops: Int { query.executedFlops }
    var bytes: Int { query.bytes }
    var limit: MachineLimit { query.limit }

    init(_ context: BenchmarkContext) throws {
        query = PolicyQuery.compact(context, steps: 10, samples: 1)
        let c = query.network.configuration, side = context.sizes.frameSize, times = OwnTimes()
        let cameras = c.cameras.map { Camera(key: $0, height: side, width: side) }
        let keys = [LowDimKey(key: "low_dim", width: c.lowDimDimension)]
        let layout = WindowLayout(horizon: c.horizon, observationSteps: c.observationSteps, executedSteps: c.horizon / 2)
        let service = PolicyService(
            "benchmark", TimedPolicy(policy: query.policy, times: times), cameras: cameras, lowDimKeys: keys, actionDimension: c.actionDimension,
            layout: layout, root: BenchmarkContext.seed) { (BenchmarkContext.seed / $0, BenchmarkContext.seed / $0) }
        nonisolated(unsafe) let server = try PolicyServer(service, host: "127.0.0.1", port: 0)
        let isOver = isOver
        Thread.detachNewThread { _ = server.serve { isOver.isSet } }
        var settings = ServedPolicySettings()
        (settings.history, settings.seedKey, settings.firstAction) = (.steps, "seed", .firstObserved)
        client = try ServedPolicy(
            PolicyConnection(to: server.address), settings, cameras: cameras, lowDimKeys: keys, actionDimension: c.actionDimension, layout: layout)
        self.times = times
    }

    deinit { isOver.set() }

    private func ask() throws -> [Float] {
        try client.predict([query.observation], samples: 1, seed: BenchmarkContext.seed / "query")[0].flatMap(\.actions)
    }

    func run() throws {
        var own = 0.0
        let whole = try Timing.once {
            _ = try ask()
            own = times.last
        }
        added.append(whole - own)
    }

    var note: String {
        guard !added.isEmpty else { return "over the loopback" }
        let sorted = added.sorted()
        func quantile(_ share: Double) -> String {
            SignificantDigits.shortened(sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))], digits: 2)
        }
        return "over the loopback, beyond the policy's own time half within \(quantile(0.5)) ms and 99 % within \(quantile(0.99)) ms of \(sorted.count)"
    }

    /// The client is answered what the policy answers when it is asked directly, bit by bit.
    func check() throws {
        // What the client makes of its seed: 31 bits, which any server takes.
        let seed = Seed((BenchmarkContext.seed / "query" / 0 / 0).value >> 33)
        let own = try query.policy.predict([query.observation], samples: 1, seeds: [seed])[0].flatMap(\.actions), served = try ask()
        try ResultCheck.require(
            own.map(\.bitPattern) == served.map(\.bitPattern), "a served answer is not the policy's own", row: "serve_query_10_steps",
            expected: "equal bits", found: "\(served.prefix(3)) for \(own.prefix(3))")
    }
}

/// How long the policy took the last time it was asked.
private final class OwnTimes: Sendable {
    private let milliseconds = Mutex(0.0)
    var last: Double { milliseconds.withLock { $0 } }
    func set(_ time: Double) { milliseconds.withLock { $0 = time } }
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

private struct TimedPolicy: Policy {
    let policy: DiffusionPolicy
    let times: OwnTimes
    var isStochastic: Bool { policy.isStochastic }

    func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        var answers: [[Prediction]] = []
        times.set(try Timing.once { answers = try policy.predict(observations, samples: samples, seeds: seeds) })
        return answers
    }
}
