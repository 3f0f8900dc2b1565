import Basics
import Demonstrations
import Foundation
import Images
import Policies
import Synchronization

@testable import PolicyServers

/// Answers with what it is shown: every action is the sum of the low-dim values and the pixels of the last observed step, and the draw.
struct ShownPolicy: Policy {
    var isStochastic = false
    var remembersEpisode = false
    /// Seconds that one pass takes, however many it answers.
    var seconds = 0.0
    /// Low-dim values of the last step that it cannot answer.
    var poison: Float?
    /// How many were asked at once, pass by pass.
    let batches = Batches()

    final class Batches: Sendable {
        private let sizes = Mutex<[Int]>([])
        var all: [Int] { sizes.withLock { $0 } }
        func add(_ size: Int) { sizes.withLock { $0.append(size) } }
    }

    static let layout = WindowLayout(horizon: 4, observationSteps: 2, executedSteps: 2)
    static let cameras = [Camera(key: "front_image", height: 3, width: 5)]
    static let lowDim = [LowDimKey(key: "pose", width: 2), LowDimKey(key: "gripper", width: 1)]

    /// [4, 2]
    static func answer(_ observation: Observation, seed: Seed? = nil) -> [Float] {
        let last = observation.lowDim.indices.last ?? 0
        var value = observation.lowDim[last].reduce(0, +) + Float(observation.images[last].reduce(0) { $0 + $1.pixels.reduce(0) { $0 + Int($1) } })
        value += 1000 * observation.lowDim[0][0]
        if let seed { value += Float(seed.value % 1000) / 1000 }
        return (0..<8).map { value + Float($0) }
    }

    func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        batches.add(observations.count)
        if seconds > 0 { Thread.sleep(forTimeInterval: seconds) }
        return try observations.enumerated().map { index, observation in
            if let poison, observation.lowDim.last?.first == poison { throw Failure(.data, "a pose that nobody can reach", at: "a place of ours") }
            let answer = Self.answer(observation, seed: isStochastic ? seeds[index] : nil)
            guard remembersEpisode else { return [Prediction(actions: answer)] }
            let recalled = observation.episode?.recalled.count ?? -1, first = observation.episode?.start?.lowDim.last?.first ?? 0
            return [Prediction(
                actions: answer.map { $0 + first }, match: Match(frame: FrameReference(demonstration: 1, frame: recalled), similarity: 0.5), isOutOfDistribution: true)]
        }
    }
}

/// A server on a thread of its own, on any free port of the loopback.
final class RunningServer: Sendable {
    let address: ServerAddress
    let desk: ServingDesk
    private let isStopped = Atomic<Bool>(false)
    private let result = Mutex<ServingTimes?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    init(_ policy: ShownPolicy = ShownPolicy(), monitors: PolicyService.Monitors? = nil, limits: (inout ServerLimits) -> Void = { _ in }) throws {
        var service = PolicyService(
            "shown", policy, cameras: ShownPolicy.cameras, lowDimKeys: ShownPolicy.lowDim, actionDimension: 2, layout: ShownPolicy.layout,
            demonstrations: ["demo_0", "demo_7"], root: Seed(5)) { (Seed(3) / $0, Seed(4) / $0) }
        service.monitors = monitors
        service.about = [("label", .string("as shown"))]
        var own = ServerLimits()
        limits(&own)
        let lines = Collected()
        nonisolated(unsafe) let server = try PolicyServer(service, host: "127.0.0.1", port: 0, limits: own, log: { lines.add($0) }, warn: { lines.add($0) })
        (address, desk, collected) = (server.address, server.desk, lines)
        Thread { [self] in
            let times = server.serve { isStopped.load(ordering: .relaxed) }
            result.withLock { $0 = times }
            ended.signal()
        }.start()
    }

    private let collected: Collected
    /// What it wrote to its log.
    var log: [String] { collected.all }

    private final class Collected: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    /// Ends it, and waits until it has said goodbye to all.
    @discardableResult
    func stop() -> ServingTimes {
        isStopped.store(true, ordering: .relaxed)
        if result.withLock({ $0 == nil }) { ended.wait() }
        return result.withLock { $0 } ?? ServingTimes()
    }

    /// What clients of it are asked, each its own.
    static func observation(_ number: Int) -> Observation {
        let images = (0..<2).map { step in [RGBImage(width: 5, height: 3, pixels: (0..<45).map { UInt8(($0 + number + step) % 256) })] }
        return Observation(images: images, lowDim: (0..<2).map { [Float(number), Float($0), 0.5] }, source: nil)
    }

    /// With a leading axis of the observed steps.
    static func request(_ observation: Observation, _ more: [(key: String, value: MessagePackValue)] = []) throws -> MessagePackValue {
        .named([
            ("front_image", try NumpyArray(dtype: .uint8, shape: [2, 3, 5, 3], data: observation.images.flatMap { $0[0].pixels }).value),
            ("pose", NumpyArray(observation.lowDim.flatMap { $0.prefix(2) }, shape: [2, 2]).value),
            ("gripper", NumpyArray(observation.lowDim.map { $0[2] }, shape: [2, 1]).value),
        ] + more)
    }

    static func actions(_ reply: MessagePackValue) throws -> [Float] {
        guard let actions = reply["actions"] else { return [] }
        return try NumpyArray(actions).doubles.map { Float($0) }
    }
}
