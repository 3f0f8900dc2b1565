extension ProbeContext {
    /// Policies trained on the same demonstrations for as many steps as `policy`, from other seeds.
    func otherSeeds(_ policy: String) -> [PolicyRecord] {
        guard let own = record(policy) else { return [] }
        return measurements.records.filter { $0.isRepeat(of: own) && $0.seed != own.seed }
    }
}

extension PolicyRecord {
    /// The same training but for the seed.
    func isRepeat(of other: PolicyRecord) -> Bool {
        isSameData(as: other) && steps == other.steps
    }

    /// The same family on as many demonstrations.
    func isSameData(as other: PolicyRecord) -> Bool {
        family == other.family && observations == other.observations && demonstrations == other.demonstrations
    }
}
