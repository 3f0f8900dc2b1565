import Basics

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
    /// What the demonstrations are called in their file.
    public let names: DemonstrationNames
    /// The part of the task each row belongs to, for instance approach, grasp, lift.
    public let phase: [String]  // [n]

    public var count: Int { demonstration.count }
    public var width: Int { horizon * actionDimension }

    /// - Parameter phase: one label per row; by default the third of its demonstration's frame range here in which
    ///   the row lies (`early`, `middle`, `late`), which is right only for a set that holds whole demonstrations.
    public init(
        horizon: Int, actionDimension: Int, values: [Float], demonstration: [Int], frame: [Int],
        names: DemonstrationNames = .numbered, phase: [String]? = nil
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
        self.names = names
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

extension Chunks {
    /// The given rows, in the given order.
    public func selecting(_ rows: [Int]) -> Chunks {
        var selected: [Float] = []
        selected.reserveCapacity(rows.count * width)
        for row in rows { selected += values[row * width..<(row + 1) * width] }
        return Chunks(
            horizon: horizon, actionDimension: actionDimension, values: selected,
            demonstration: rows.map { demonstration[$0] }, frame: rows.map { frame[$0] }, names: names,
            phase: rows.map { phase[$0] })
    }

    /// The same observations with other action sequences, [n, H * D].
    public func replacingValues(_ values: [Float]) -> Chunks {
        Chunks(
            horizon: horizon, actionDimension: actionDimension, values: values, demonstration: demonstration,
            frame: frame, names: names, phase: phase)
    }

    /// Mean over rows, [H * D].
    func meanValues(of rows: [Int]) -> [Float] {
        var sums = [Double](repeating: 0, count: width)
        for row in rows {
            for column in 0..<width { sums[column] += Double(values[row * width + column]) }
        }
        return sums.map { Float($0 / Double(rows.count)) }
    }

    /// Weighted mean over rows, [H * D].
    func blend(_ rows: [Int], _ weights: [Double]) -> [Float] {
        let total = weights.reduce(0, +)
        var sums = [Double](repeating: 0, count: width)
        for (row, weight) in zip(rows, weights) where weight != 0 {
            for column in 0..<width { sums[column] += weight / total * Double(values[row * width + column]) }
        }
        return sums.map(Float.init)
    }

    /// The demonstration of a row, as tables name it.
    func named(_ row: Int) -> NamedDemonstration { names[demonstration[row]] }

    /// The sorted numbers of the demonstrations that have a chunk here.
    public var demonstrations: [Int] { Set(demonstration).sorted() }

    /// - Throws: `Failure` (`data`), naming `owner` and the row, for no rows, another shape or a value that is not finite.
    func validate(as owner: String, horizon: Int, actionDimension: Int) throws {
        guard count > 0 else {
            throw Failure(
                .data, "there are no action sequences to probe", at: owner, expected: "at least one", found: "0",
                remedy: "check the split and the filter of the demonstrations")
        }
        guard self.horizon == horizon && self.actionDimension == actionDimension else {
            throw Failure(
                .data, "action sequences differ in shape", at: owner,
                expected: "\(horizon) x \(actionDimension) as in the training sequences",
                found: "\(self.horizon) x \(self.actionDimension)",
                remedy: "generate with the horizon and actions the policy was trained on")
        }
        if let position = values.firstIndex(where: { !$0.isFinite }) {
            let row = position / width
            throw Failure(
                .data, "an action sequence holds a value that is not finite", at: "\(owner), row \(row)",
                expected: "finite numbers",
                found: "\(values[position]) at step \(position % width / actionDimension), "
                    + "action \(position % actionDimension) (demonstration \(demonstration[row]), frame \(frame[row]))",
                remedy:
                    "validate the data set; if it is sound the policy diverged: train from the last good checkpoint"
            )
        }
    }
}
