/// What stands among the policies of a manifold but is none: its numbers are read beside theirs.
enum ManifoldControl: String, Sendable {
    /// Fresh points of the curve.
    case truth
    /// Points uniform in [-1.25, 1.25]².
    case square

    var control: Control { Control(rawValue) }
}

/// The runs of one policy under one condition, a seed each.
struct ManifoldSeeds: Sendable {
    var runs: [ManifoldRun]
    var numbers: [ManifoldNumbers]

    var policy: String { runs[0].capacity }
    var condition: Condition { runs[0].condition }
    /// Nil for a policy.
    var control: ManifoldControl? { ManifoldControl(rawValue: policy) }
    var verdict: Verdict { control == nil ? ManifoldVerdict.verdict(of: numbers) : .description }

    func estimate(_ value: (ManifoldNumbers) -> Double) -> Estimate { Self.estimate(numbers.map(value)) }

    /// The mean over seeds, from the smallest to the largest.
    static func estimate(_ seeds: [Double]) -> Estimate {
        guard !seeds.isEmpty else { return Estimate(value: nil) }
        let mean = seeds.reduce(0, +) / Double(seeds.count)
        return seeds.count > 1 ? Estimate(value: mean, low: seeds.min(), high: seeds.max()) : Estimate(value: mean)
    }
}

/// What He et al. 2025 judged by eye, as rules on numbers of several seeds. The first that applies:
///
/// - memorized: in every seed f_mem(1/3) is above 2/3, twice the null.
/// - erratic: the densest 90 % of the samples fill more than twice as many cells as the curve: they are not a curve.
/// - generalized: at least 0.8 of the samples lie in cells of the curve, at least 0.9 of those are hit, and in no seed
///   f_mem(1/3) is above 1/2. (Precision, recall and cover are means over seeds.)
/// - undecided: as before, but f_mem(1/3) between 1/2 and 2/3 in some seed.
/// - wrong manifold: what is left: a curve, but another one, or a part of it.
enum ManifoldVerdict {
    static let memorized = 2.0 / 3
    static let notMemorized = 0.5
    static let erraticSpread = 2.0
    static let precision = 0.8
    static let recall = 0.9

    static func verdict(of seeds: [ManifoldNumbers]) -> Verdict {
        func mean(_ value: (ManifoldNumbers) -> Double) -> Double { seeds.map(value).reduce(0, +) / Double(seeds.count) }
        let shares = seeds.map { $0.memorized(below: 1.0 / 3) }
        if shares.allSatisfy({ $0 > memorized }) { return .memorized }
        if mean(\.spread) > erraticSpread { return .erratic }
        guard mean(\.precision) >= precision, mean(\.recall) >= recall else { return .wrongManifold }
        return shares.allSatisfy { $0 <= notMemorized } ? .generalized : .undecided
    }
}
