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
        let errors = rules.chunks.map { chunks in
            rows.compactMap { row in
                places[row].map { Double(generated.distance(row, to: $0, of: chunks)) }
            }
        }
        let smallest = rows.indices.map { place in errors.map { $0[place] }.min() ?? 0 }
        let wins = errors.map { zip($0, smallest).map { $0 == $1 ? 1.0 : 0 } }
        let tied = rows.indices.map { place in wins.reduce(0) { $0 + $1[place] } }
        let shares = wins.map { zip($0, tied).map { $0 / $1 } }
        func column(_ rule: Explanation) -> [Double] { rules.rules.firstIndex(of: rule).map { errors[$0] } ?? [] }
        let mean = column(.mean), truth = column(.truth)
        let nearest = zip(rules.rules, errors).filter { $0.0.isNearest }.map(\.1)
        let bootstrap = context.bootstrap(
            clusters: rows.map { evaluated.generated.cluster[$0] },
            stream: context.seed / "p04" / evaluated.policy / evaluated.condition)
        let error = bootstrap.estimates { weights in errors.map { weightedMean($0, weights) } }
        let skill = bootstrap.estimates { weights -> [Double] in
            let base = weightedMean(mean, weights)
            return errors.map { errors in
                let error = weightedMean(errors, weights)
                return 1 - error * error / (base * base)
            }
        }
        let won = bootstrap.estimates { weights in shares.map { weightedMean($0, weights) } }
        self.rows = rows
        self.errors = errors
        winner = rows.indices.map { place in wins.firstIndex { $0[place] == 1 } ?? 0 }
        scores = rules.rules.indices.map { Score(error: error[$0], skill: skill[$0], wins: won[$0]) }
        nearestMinusExpert =
            nearest.isEmpty
            ? nil
            : bootstrap.estimate { weights in
                (nearest.map { weightedMean($0, weights) }.min() ?? .nan) - weightedMean(truth, weights)
            }
    }
}
