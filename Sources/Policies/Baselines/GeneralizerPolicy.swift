import Basics
import Demonstrations

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
    public func predict(_ observations: [Observation], samples: Int, seed: Seed) throws -> [[Prediction]] {
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
