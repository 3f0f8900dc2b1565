import Basics

/// What P07 measures of every row.
struct BlendScores: Sendable {
    let largestWeight: [Double]
    let effective: [Double]
    /// Over the median D12.
    let residual: [Double]

    init(_ blends: [ConvexBlend], _ medianD12: Double) {
        largestWeight = blends.map(\.largestWeight)
        effective = blends.map(\.effectiveNumber)
        residual = blends.map { $0.residual / medianD12 }
    }

    init(_ chunks: Chunks, _ near: NearestChunks, _ context: ProbeContext) {
        self.init(
            ConvexBlend.all(
                context.metric.scaled(chunks), near: near, in: context.scaledTrain, count: CopyBlendNovel.candidates,
                pool: context.pool), context.medianD12)
    }
}

/// Means of P07 for one policy under one condition, beside those of held-out truth.
struct BlendComparison: Sendable {
    struct Part: Sendable {
        let own: Estimate
        /// Nil where there is no true chunk to compare with.
        let heldout: Estimate?
    }

    let largestWeight: Part
    let effective: Part
    let residual: Part
    /// Mean residual over that of truth; without a value where truth has none or a residual of 0.
    let ratio: Estimate

    /// - Parameters:
    ///   - paired: truth at the same rows.
    ///   - unpaired: truth of all of Q, used without `paired`; `clusters` are its demonstrations.
    init(
        _ own: BlendScores, paired: BlendScores?, unpaired: BlendScores?, clusters: [Int], _ evaluated: EvaluatedChunks,
        _ context: ProbeContext
    ) {
        @Sendable func means(_ scores: BlendScores, _ weights: [Double]) -> [Double] {
            [scores.largestWeight, scores.effective, scores.residual].map { weightedMean($0, weights) }
        }
        let bootstrap = evaluated.bootstrap("p07", in: context)
        var truth: [Estimate] = []
        let fixed: Double?
        if paired == nil, let unpaired {
            truth = context.bootstrap(clusters: clusters, stream: context.seed / "p07" / "heldout").estimates {
                means(unpaired, $0)
            }
            fixed = truth[2].value
        } else {
            fixed = nil
        }
        let estimates = bootstrap.estimates { weights in
            let mine = means(own, weights)
            let theirs = paired.map { means($0, weights) } ?? []
            let base = theirs.last ?? fixed ?? 0
            return mine + [base > 0 ? mine[2] / base : .nan] + theirs
        }
        if estimates.count > 4 { truth = Array(estimates.dropFirst(4)) }
        func part(_ index: Int) -> Part { Part(own: estimates[index], heldout: truth.isEmpty ? nil : truth[index]) }
        largestWeight = part(0)
        effective = part(1)
        residual = part(2)
        ratio = estimates[3]
    }

    func verdict(_ rules: DecisionRules) -> Verdict {
        if let bound = largestWeight.heldout?.high, largestWeight.own.lies(above: max(rules.largestWeight, bound)),
            ratio.lies(below: 1)
        {
            return .copy
        }
        if ratio.lies(above: rules.novelResidual) { return .novel }
        let blended = largestWeight.own.lies(below: rules.largestWeight) && ratio.lies(below: rules.novelResidual)
        return blended ? .blend : .undecided
    }
}

extension Estimate {
    /// Value, lower and upper end.
    var cells: [Table.Cell] { [Table.Cell(value), Table.Cell(low), Table.Cell(high)] }
}
