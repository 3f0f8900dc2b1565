/// Action sequences ("chunks") in the policy's normalised units, one row per sequence.
///
/// `values` is [count, horizon * actionDimension], time major. `demonstration` and `frame` say which observation a
/// sequence belongs to; demonstration numbers are those of the whole file, so splits do not share any.
public struct Chunks: Sendable {
    /// H, time steps per sequence.
    public let horizon: Int
    /// D, numbers per time step.
    public let actionDimension: Int
    public let values: [Float]  // [n, H * D]
    public let demonstration: [Int]  // [n]
    public let frame: [Int]  // [n]
    /// The part of the task each row belongs to, for instance approach, grasp, lift.
    public let phase: [String]  // [n]

    public var count: Int { demonstration.count }
    public var width: Int { horizon * actionDimension }

    /// - Parameter phase: one label per row; by default the third of its demonstration's frame range here in which
    ///   the row lies (`early`, `middle`, `late`), which is right only for a set that holds whole demonstrations.
    public init(
        horizon: Int, actionDimension: Int, values: [Float], demonstration: [Int], frame: [Int],
        phase: [String]? = nil
    ) {
        precondition(horizon > 0 && actionDimension > 0, "chunks of \(horizon) x \(actionDimension)")
        precondition(
            values.count == demonstration.count * horizon * actionDimension,
            "\(values.count) values for \(demonstration.count) chunks of \(horizon) x \(actionDimension)")
        precondition(
            frame.count == demonstration.count, "\(frame.count) frames for \(demonstration.count) chunks")
        let phase = phase ?? Self.terciles(demonstration: demonstration, frame: frame)
        precondition(
            phase.count == demonstration.count, "\(phase.count) phases for \(demonstration.count) chunks")
        self.horizon = horizon
        self.actionDimension = actionDimension
        self.values = values
        self.demonstration = demonstration
        self.frame = frame
        self.phase = phase
    }

    /// `early`, `middle` or `late`: the third of its demonstration's frame range in which each row lies.
    static func terciles(demonstration: [Int], frame: [Int]) -> [String] {
        var ranges: [Int: ClosedRange<Int>] = [:]
        for (demonstration, frame) in zip(demonstration, frame) {
            let range = ranges[demonstration] ?? frame...frame
            ranges[demonstration] = min(range.lowerBound, frame)...max(range.upperBound, frame)
        }
        return zip(demonstration, frame).map { demonstration, frame in
            guard let range = ranges[demonstration] else { return "early" }
            return ["early", "middle", "late"][(frame - range.lowerBound) * 3 / range.count]
        }
    }
}
