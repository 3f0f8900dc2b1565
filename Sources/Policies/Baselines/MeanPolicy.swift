import Basics
import Demonstrations

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

    public func predict(_ observations: [Observation], samples: Int, seed: Seed) throws -> [[Prediction]] {
        Array(repeating: Array(repeating: Prediction(actions: mean), count: samples), count: observations.count)
    }
}
