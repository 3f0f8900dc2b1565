import Basics

/// How well every rule of P04 predicts what one policy generated.
struct ExplanationScores: Sendable {
    struct Score: Sendable {
        let error: Estimate
        let skill: Estimate
        let wins: Estimate
    }

    /// Rows of the policy's chunks whose observation has a true chunk.
    let rows: [Int]
    /// Distance to the generated chunk, by rule, then by `rows`.
    let errors: [[Double]]
    /// By `rows`: the rule with the smallest distance, the first of equal ones.
    let winner: [Int]
    /// By rule.
    let scores: [Score]
    /// Error of the best nearest-window rule minus that of the truth; nil without a space.
    let nearestMinusExpert: Estimate?

    init(_ evaluated: EvaluatedChunks, _ rules: ExplanationRules, _ context: ProbeContext) {
        let generated = context.metric.scaled(evaluated.generated.chunks)
        let places = evaluated.generated.observation.map { rules.truth.row($0) }
        let rows = places.indices.filter { places[$0] != nil }
        let errors = rules.rules.map { rule in
            rows.compactMap { row in
                places[row].map { Double(generated.distance(row, to: $0, of: rule.chunks)) }
            }
        }
        let smallest = rows.indices.map { place in errors.map { $0[place] }.min() ?? 0 }
        let wins = errors.map { zip($0, smallest).map { $0 == $1 ? 1.0 : 0 } }
        let tied = rows.indices.map { place in wins.reduce(0) { $0 + $1[place] } }
        let shares = wins.map { zip($0, tied).map { $0 / $1 } }
        let names = rules.rules.map(\.name)
        let nearest = names.indices.filter { names[$0].hasPrefix("nearest_") }
        let truth = names.firstIndex(of: "truth")
        let bootstrap = context.bootstrap(
            clusters: rows.map { evaluated.generated.cluster[$0] },
            stream: context.seed / "p04" / evaluated.policy / evaluated.condition)
        let estimates = bootstrap.estimates { weights in
            let means = errors.map { weightedMean($0, weights) }
            let skills = means.map { 1 - $0 * $0 / (means[0] * means[0]) }
            let best = nearest.map { means[$0] }.min() ?? .nan
            return means + skills + shares.map { weightedMean($0, weights) } + [best - (truth.map { means[$0] } ?? .nan)]
        }
        self.rows = rows
        self.errors = errors
        winner = rows.indices.map { place in wins.firstIndex { $0[place] == 1 } ?? 0 }
        scores = names.indices.map {
            Score(
                error: estimates[$0], skill: estimates[names.count + $0], wins: estimates[2 * names.count + $0])
        }
        nearestMinusExpert = nearest.isEmpty ? nil : estimates.last
    }
}
