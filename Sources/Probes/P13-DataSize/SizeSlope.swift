import Basics
import Foundation

/// One policy over all numbers of demonstrations.
struct SizeSlope {
    struct Point {
        let size: Int
        let context: ProbeContext
        let heldout: EvaluatedChunks
        let measures: MemoryMeasures

        var isFitted: Bool { measures.fit?.isFitted ?? false }
    }

    let policy: PolicyID
    let points: [Point]
    /// Of the share minus held-out truth's, in ln n, over the fitted sizes; without a value for fewer than two.
    let estimate: Estimate
    /// The same over all sizes.
    let estimateOfAll: Estimate

    /// The slope whose interval would leave out 0 with a power of 80 %, the interval's width being what it is.
    var smallestDetectable: Double? {
        guard let low = estimate.low, let high = estimate.high else { return nil }
        return (high - low) / 2 * (NormalQuantile.p975 + NormalQuantile.p80) / NormalQuantile.p975
    }

    var units: Int { points.map(\.measures.evaluated.units).max() ?? 0 }
    var unit: String { points.first?.measures.evaluated.generated.unit ?? "demonstration" }
    private var fitted: [Point] { points.filter(\.isFitted) }
    private var isEnough: Bool { Set(fitted.map(\.size)).count > 1 }

    static func size(_ context: ProbeContext) -> Int { context.train.demonstrations.count }

    init(_ policy: PolicyID, _ contexts: [ProbeContext], _ main: ProbeContext) throws {
        self.policy = policy
        points = try contexts.compactMap { context in
            guard let evaluated = context.evaluated(policy, .heldout) else { return nil }
            let heldout = try context.requireFloor("p13")
            return Point(
                size: Self.size(context), context: context, heldout: heldout,
                measures: MemoryMeasures(evaluated, heldout: heldout, context))
        }
        estimate = Self.slope(policy, points.filter(\.isFitted), main)
        estimateOfAll = Self.slope(policy, points, main)
    }

    private static func slope(_ policy: PolicyID, _ points: [Point], _ main: ProbeContext) -> Estimate {
        guard Set(points.map(\.size)).count > 1 else { return Estimate(value: nil) }
        // Columns alternate: the policy's, then the held-out truth's.
        let shares = ClusterMeans(
            points.flatMap { point in
                [point.measures.evaluated, point.heldout].map { ($0.closerToTrain, $0.generated.cluster) }
            })
        let logarithms = points.map { log(Double($0.size)) }
        return main.bootstrap(units: shares.clusters.count, seed: main.seed / "p13" / policy / "bootstrap").estimate { weights in
            let means = shares.means(weights: weights)
            return LeastSquares.slope(logarithms, logarithms.indices.map { means[2 * $0] - means[2 * $0 + 1] })
        }
    }

    func verdict(_ rules: DecisionRules) -> Verdict {
        if points.allSatisfy({ $0.measures.fit == nil }) { return .fitUnknown }
        guard isEnough else { return .notFitted }
        switch Endpoint.sizeSlope.reading(estimate, rules) {
        case .supports: return .fadesWithData
        case .contradicts: return .growsWithData
        case .open, .shown: return .undecided
        }
    }
}
