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
