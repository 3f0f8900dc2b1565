import Basics
import Foundation

/// A rule of the contest: what it says is computed by `ExplanationRules`.
enum Explanation: Hashable, Sendable {
    /// How a chunk is made of the training windows near an observation; begins the rule's name.
    enum Method: String, CaseIterable, Sendable { case nearest, kernel, linear }

    case mean, phaseMean, truth, expertPolicy
    /// From the training windows, by distances in an observation space.
    case windows(Method, Space)

    /// In tables and figures; blanks of a space's name are `_` there.
    var name: String {
        switch self {
        case .mean: "mean"
        case .phaseMean: "phase_mean"
        case .truth: "truth"
        case .expertPolicy: "expert_policy"
        case .windows(let method, let space): "\(method.rawValue)_\(space.name.split(separator: " ").joined(separator: "_"))"
        }
    }

    var isNearest: Bool {
        if case .windows(.nearest, _) = self { true } else { false }
    }
}

extension Explanation: CellValue {
    var cell: Table.Cell { .text(name) }
    init?(cell text: String) {
        let fixed: [Explanation] = [.mean, .phaseMean, .truth, .expertPolicy]
        let windows = Method.allCases.first { text.hasPrefix("\($0.rawValue)_") }.map { method in
            let space = text.dropFirst(method.rawValue.count + 1)
            return Explanation.windows(method, Space(space.split(separator: "_").joined(separator: " ")))
        }
        guard let rule = fixed.first(where: { $0.name == text }) ?? windows else { return nil }
        self = rule
    }
    static var form: String { "a rule" }
}

/// What each rule of P04 says the chunk of every held-out observation is.
struct ExplanationRules: Sendable {
    let truth: ConditionTruth
    let rules: [Explanation]
    /// By rule, then row of `truth.chunks`.
    let chunks: [ScaledChunks]

    init(_ truth: ConditionTruth, spaces: [SpaceDistances], _ context: ProbeContext) {
        let train = context.train
        let asked = truth.chunks
        func scaled(_ rows: [[Float]]) -> ScaledChunks {
            context.metric.scaled(asked.replacingValues(rows.flatMap { $0 }))
        }
        let mean = train.meanValues(of: Array(0..<train.count))
        let phases = Dictionary(grouping: 0..<train.count) { train.phase[$0] }.mapValues(train.meanValues)
        var said: [(rule: Explanation, chunks: ScaledChunks)] = [
            (.mean, scaled(asked.phase.map { _ in mean })),
            (.phaseMean, scaled(asked.phase.map { phases[$0] ?? mean })),
        ]
        for space in spaces {
            let predicted = context.pool.map(count: asked.count) { space.predictions(row: $0, train) }
            said += [
                (.windows(.nearest, space.space), scaled(predicted.map(\.nearest))),
                (.windows(.kernel, space.space), scaled(predicted.map(\.kernel))),
                (.windows(.linear, space.space), scaled(predicted.map(\.linear))),
            ]
        }
        said.append((.truth, context.metric.scaled(asked)))
        if let expert = context.evaluated(.expert, .heldout)?.generated {
            var rows: [Int: Int] = [:]
            for row in 0..<expert.chunks.count where expert.sample[row] == 0 {
                if let place = truth.row(expert.observation[row]) { rows[place] = row }
            }
            let selected = (0..<asked.count).compactMap { rows[$0] }
            if selected.count == asked.count {
                said.append((.expertPolicy, context.metric.scaled(expert.chunks.selecting(selected))))
            }
        }
        self.truth = truth
        rules = said.map(\.rule)
        chunks = said.map(\.chunks)
    }
}

/// Distances of the held-out observations to the training windows in one space.
struct SpaceDistances: Sendable {
    let space: Space
    /// Squared, by row of the condition's true chunks, then training window.
    let squared: [[Float]]
    private let bandwidth: Double
    private let table: RowVectors

    /// Nil where the space has no points at held-out observations.
    init?(_ space: ObservationSpace, _ truth: ConditionTruth, _ context: ProbeContext) {
        guard let all = space.squaredDistances(.heldout, pool: context.pool) else { return nil }
        self.space = space.space
        squared = truth.observations.map { all[$0] }
        bandwidth = space.neighbourSpacing(demonstration: context.train.demonstration, pool: context.pool)
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
