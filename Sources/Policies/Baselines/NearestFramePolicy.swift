import Basics
import Compute
import Demonstrations

/// Returns the action sequence of the nearest training frame under a fixed observation distance.
///
/// On pixels and low-dim values it is the oracle of pure recall; on pixels alone the baseline
/// that a learned encoder has to beat.
public struct NearestFramePolicy: CountedPolicy {
    public let isStochastic = false
    private let distance: ObservationDistance
    private let actions: [[Float]]  // [frame][T, A], raw units
    private let pool: WorkerPool

    /// - Parameter normalizer: nil for a distance on pixels alone.
    public init(
        set: DemonstrationSet, layout: WindowLayout, windows: [Window], normalizer: Normalizer?,
        pool: WorkerPool
    ) {
        distance = ObservationDistance(set: set, frames: windows.map(layout.currentFrame), normalizer: normalizer)
        actions = windows.map { layout.actions(of: $0, in: set) }
        self.pool = pool
    }

    /// Pixels compared in one query.
    public var pixelOperations: Int {
        distance.frames.count * distance.set.cameras.reduce(0) { $0 + $1.width * $1.height * 3 }
    }
    /// Bytes of the stored frames and action sequences.
    public var tableBytes: Int {
        pixelOperations + actions.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
    }

    public var cost: QueryCost {
        QueryCost(
            memoryBytes: tableBytes, parameters: 0, tableBytes: tableBytes, macs: pixelOperations, inferenceSteps: 1)
    }

    /// Sample s is the s-th nearest frame; past the last the nearest is repeated.
    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        distance.map(observations, pool: pool) { _, distances in
            let order = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
            return (0..<samples).map { sample in
                let row = sample < order.count ? order[sample] : order[0]
                return Prediction(
                    actions: actions[row], match: Match(frame: distance.frames[row], similarity: -distances[row]))
            }
        }
    }
}

/// The oracle of generalisation: the true action sequence of the frame an observation comes from, held out or not.
public struct GeneralizerPolicy: Policy {
    public let isStochastic = false
    private let set: DemonstrationSet
    private let layout: WindowLayout

    public init(set: DemonstrationSet, layout: WindowLayout) {
        self.set = set
        self.layout = layout
    }

    /// - Throws: `Failure` for an observation that comes from no frame.
    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        try observations.enumerated().map { index, observation in
            guard let source = observation.source else {
                throw Failure(
                    .data, "the generalizer oracle needs the frame an observation comes from", at: "observation \(index)",
                    expected: "an observation with a source", remedy: "leave this oracle out for such images")
            }
            let prediction = Prediction(actions: layout.actions(of: layout.window(at: source), in: set))
            return Array(repeating: prediction, count: samples)
        }
    }
}

/// The mean training action sequence, whatever is observed: what remains when the observation is ignored.
public struct MeanPolicy: Policy {
    public let isStochastic = false
    private let mean: [Float]

    public init(set: DemonstrationSet, layout: WindowLayout, windows: [Window]) {
        var sum = [Double](repeating: 0, count: layout.horizon * set.actionDimension)
        for window in windows {
            for (i, value) in layout.actions(of: window, in: set).enumerated() { sum[i] += Double(value) }
        }
        mean = sum.map { Float($0 / Double(windows.count)) }
    }

    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        Array(repeating: Array(repeating: Prediction(actions: mean), count: samples), count: observations.count)
    }
}
