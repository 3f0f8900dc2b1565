import Basics

extension Chunks {
    /// The given rows, in the given order.
    public func selecting(_ rows: [Int]) -> Chunks {
        var selected: [Float] = []
        selected.reserveCapacity(rows.count * width)
        for row in rows { selected += values[row * width..<(row + 1) * width] }
        return Chunks(
            horizon: horizon, actionDimension: actionDimension, values: selected,
            demonstration: rows.map { demonstration[$0] }, frame: rows.map { frame[$0] },
            phase: rows.map { phase[$0] })
    }

    /// The same observations with other action sequences, [n, H * D].
    public func replacingValues(_ values: [Float]) -> Chunks {
        Chunks(
            horizon: horizon, actionDimension: actionDimension, values: values, demonstration: demonstration,
            frame: frame, phase: phase)
    }

    /// For every row of `asked`, the chunk here with the same demonstration and frame: the true action sequence of
    /// the observation asked about.
    /// - Throws: `Failure` (`data`) naming the first frame that is not here.
    public func matching(_ asked: Chunks) throws -> Chunks {
        struct Key: Hashable {
            let demonstration: Int
            let frame: Int
        }
        var rows: [Key: Int] = [:]
        for row in 0..<count { rows[Key(demonstration: demonstration[row], frame: frame[row])] = row }
        return selecting(
            try (0..<asked.count).map { index in
                let key = Key(demonstration: asked.demonstration[index], frame: asked.frame[index])
                guard let row = rows[key] else {
                    throw Failure(
                        .data, "a generated chunk asks about a frame that has no true chunk", at: "row \(index)",
                        expected: "a frame of the split the observations were taken from",
                        found: "demonstration \(key.demonstration), frame \(key.frame)",
                        remedy: "ask about frames that start a window of that split")
                }
                return row
            })
    }

    /// The sorted numbers of the demonstrations that have a chunk here.
    public var demonstrations: [Int] { Set(demonstration).sorted() }

    /// - Throws: `Failure` (`data` for no rows or another shape, `diverged` for a value that is not finite, both
    ///   naming `owner` and the row).
    func validate(as owner: String, horizon: Int, actionDimension: Int) throws {
        guard count > 0 else {
            throw Failure(
                .data, "there are no action sequences to probe", at: owner, expected: "at least one", found: "0",
                remedy: "check the split and the filter of the demonstrations")
        }
        guard self.horizon == horizon && self.actionDimension == actionDimension else {
            throw Failure(
                .data, "action sequences differ in shape", at: owner,
                expected: "\(horizon) x \(actionDimension) as in the training chunks",
                found: "\(self.horizon) x \(self.actionDimension)",
                remedy: "generate with the horizon and actions the policy was trained on")
        }
        if let position = values.firstIndex(where: { !$0.isFinite }) {
            let row = position / width
            throw Failure(
                .diverged, "an action sequence holds a value that is not finite", at: "\(owner), row \(row)",
                expected: "finite numbers",
                found: "\(values[position]) at step \(position % width / actionDimension), "
                    + "action \(position % actionDimension) (demonstration \(demonstration[row]), frame \(frame[row]))",
                remedy:
                    "validate the data set; if it is sound the policy diverged: train from the last good checkpoint"
            )
        }
    }
}
