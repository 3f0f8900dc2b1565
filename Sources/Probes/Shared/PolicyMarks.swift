import Plots

/// What a policy looks like in every figure.
extension PolicyRole {
    var mark: Plot.Mark {
        switch self {
        case .subject, .checkpoint: Plot.Mark("#0072B2", point: 7)
        case .sampler, .seed: Plot.Mark("#56B4E9", point: 11, dash: 2)
        case .table: Plot.Mark("#D55E00", point: 5)
        case .lookup: Plot.Mark("#D55E00", point: 4, dash: 4)
        case .kernel: Plot.Mark("#E69F00", point: 9, dash: 3)
        case .learned: Plot.Mark("#009E73", point: 13, dash: 5)
        case .standIn, .standInSeed: Plot.Mark("#CC79A7", point: 15)
        case .standInLearned: Plot.Mark("#009E73", point: 12, dash: 2)
        case .standInTable: Plot.Mark("#8C564B", point: 4, dash: 3)
        case .exact, .exactSampler: Plot.Mark("#7A5195", point: 12, dash: 4)
        case .expert: Plot.Mark("#000000", point: 3, dash: 5)
        case .memorizer: Plot.Mark("#4D4D4D", point: 4, dash: 2)
        case .interpolator: Plot.Mark("#7F7F7F", point: 8, dash: 3)
        case .generalizer: Plot.Mark("#A0A0A0", point: 6, dash: 4)
        case .pixels: Plot.Mark("#666666", point: 10, dash: 5)
        case .mean: Plot.Mark("#8C8C8C", point: 2, dash: 2)
        case .replay, .randomReplay, .untrained, .halfTrained, .control: Plot.Mark("#999999", point: 1, dash: 3)
        }
    }
}

extension Plot.Mark {
    /// Of held-out truth, whatever is measured.
    static let truth = Plot.Mark("#000000", point: 2)
}

extension Plot.Category {
    init(_ condition: Condition) { self.init(condition.name, condition.label) }
    init(_ policy: PolicyID) { self.init(policy.name, policy.label, mark: policy.role.mark) }
}
