import Basics
import Foundation

/// The rules of P04: what each says the chunk of every held-out observation is.
struct ExplanationRules: Sendable {
    struct Rule: Sendable {
        let name: String
        /// By row of `truth.chunks`.
        let chunks: ScaledChunks
    }

    let truth: ConditionTruth
    let rules: [Rule]

    init(_ truth: ConditionTruth, spaces: [SpaceDistances], _ context: ProbeContext) {
        let train = context.train
        let asked = truth.chunks
        func rule(_ name: String, _ rows: [[Float]]) -> Rule {
            Rule(name: name, chunks: context.metric.scaled(asked.replacingValues(rows.flatMap { $0 })))
        }
        let mean = train.meanValues(of: Array(0..<train.count))
        let phases = Dictionary(grouping: 0..<train.count) { train.phase[$0] }.mapValues(train.meanValues)
        var rules = [
            rule("mean", asked.phase.map { _ in mean }),
            rule("phase_mean", asked.phase.map { phases[$0] ?? mean }),
        ]
        for space in spaces {
            let predicted = context.pool.map(count: asked.count) { space.predictions(row: $0, train) }
            rules += [
                rule("nearest_\(space.label)", predicted.map(\.nearest)),
                rule("kernel_\(space.label)", predicted.map(\.kernel)),
                rule("linear_\(space.label)", predicted.map(\.linear)),
            ]
        }
        rules.append(Rule(name: "truth", chunks: context.metric.scaled(asked)))
        if let expert = context.evaluated("expert", GeneratedChunks.Condition.heldout)?.generated {
            var rows: [Int: Int] = [:]
            for row in 0..<expert.chunks.count where expert.sample[row] == 0 {
                if let place = truth.row(expert.observation[row]) { rows[place] = row }
            }
            let selected = (0..<asked.count).compactMap { rows[$0] }
            if selected.count == asked.count {
                rules.append(Rule(name: "expert_policy", chunks: context.metric.scaled(expert.chunks.selecting(selected))))
            }
        }
        self.truth = truth
        self.rules = rules
    }
}

/// Distances of the held-out observations to the training windows in one space.
struct SpaceDistances: Sendable {
    let name: String
    /// Squared, by row of the condition's true chunks, then training window.
    let squared: [[Float]]
    private let bandwidth: Double
    private let table: RowVectors

    /// The name as it stands in a rule's.
    var label: String { name.split(separator: " ").joined(separator: "_") }

    /// Nil where the space has no points at held-out observations.
    init?(_ space: ObservationSpace, _ truth: ConditionTruth, _ context: ProbeContext) {
        guard let all = space.squaredDistances(GeneratedChunks.Condition.heldout, pool: context.pool) else {
            return nil
        }
        name = space.name
        squared = truth.observations.map { all[$0] }
        bandwidth = space.medianNeighbourDistance(demonstration: context.train.demonstration, pool: context.pool)
        table = space.table
    }

    /// What the hard nearest window, the kernel mean and the local regression say at one observation.
    func predictions(row: Int, _ train: Chunks) -> (nearest: [Float], kernel: [Float], linear: [Float]) {
        let squared = squared[row]
        let order = squared.indices.sorted { (squared[$0], $0) < (squared[$1], $1) }
        let near = Array(order.prefix(LocalRegression.neighbours))
        let between = near.map { first in
            near.map { second in
                pow(Double(table.rootMeanSquare(first, to: second, of: table)), 2) * Double(table.width)
            }
        }
        // Relative to the nearest window, so that a far observation does not underflow.
        let smallest = Double(squared[order[0]])
        let kernel = squared.map { value in
            let excess = Double(value) - smallest
            return excess > 0 ? exp(-excess / (2 * bandwidth * bandwidth)) : 1
        }
        return (
            train.blend([order[0]], [1]), train.blend(Array(squared.indices), kernel),
            train.blend(near, LocalRegression.weights(squared: near.map { Double(squared[$0]) }, between: between))
        )
    }
}

extension Chunks {
    /// Weighted mean over rows, [H * D].
    func blend(_ rows: [Int], _ weights: [Double]) -> [Float] {
        let total = weights.reduce(0, +)
        var sums = [Double](repeating: 0, count: width)
        for (row, weight) in zip(rows, weights) where weight != 0 {
            for column in 0..<width { sums[column] += weight / total * Double(values[row * width + column]) }
        }
        return sums.map(Float.init)
    }
}
