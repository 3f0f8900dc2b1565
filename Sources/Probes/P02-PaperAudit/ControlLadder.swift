import Basics

/// The distances every distance is read beside: what is near and what is far when nobody memorises anything.
///
/// | control | distance per row |
/// |---|---|
/// | `heldout` | true held-out chunk to its nearest training chunk: the floor that matters |
/// | `expert` | generated chunks of the policy `expert` at held-out observations, where a simulator gives them |
/// | `alt` | generated chunks of the policy `alt` at held-out observations; 0 by construction |
/// | `self_noise` | a policy's sample to its next sample at the same held-out observation, one row per policy |
/// | `jitter` | training chunk + Gaussian noise of RMS one quarter of the median D12, to its nearest training chunk |
/// | `knn_mean` | mean chunk of the 5 training observations nearest to a held-out one, to its nearest training chunk |
/// | `phase_mean` | mean training chunk of a held-out observation's phase, to its nearest training chunk |
/// | `mean` | mean training chunk, to its nearest training chunk |
/// | `random_train` | true held-out chunk to a training chunk drawn at random: the scale of being wrong |
///
/// `shuffled_image` and `blank_image` are conditions under which the policies themselves run (`pixel_shuffled`,
/// `blank`). A row whose input is absent (no features, no such policy) is absent.
struct ControlLadder: Sendable {
    struct Rung: Sendable {
        let control: String
        let policy: String
        let distance: Estimate
        let ratio: Estimate
        let score: Estimate
        let units: Int
    }

    let rungs: [Rung]

    /// Columns: control, policy (NA unless the row is a policy's), median distance with interval, median d1/d2, median
    /// S, independent demonstrations.
    var table: Table {
        var table = Table(columns: [
            "control", "policy", "distance_median", "ci_low", "ci_high", "ratio_median", "s_median", "n", "unit",
        ])
        for rung in rungs {
            table.append([
                .text(rung.control), .text(rung.policy), Table.Cell(rung.distance.value),
                Table.Cell(rung.distance.low), Table.Cell(rung.distance.high), Table.Cell(rung.ratio.value),
                Table.Cell(rung.score.value), .integer(rung.units), "demonstration",
            ])
        }
        return table
    }

    init(_ context: ProbeContext) {
        var rungs: [Rung] = []
        if let heldout = context.heldout { rungs.append(Self.rung("heldout", heldout, context)) }
        for evaluated in context.evaluated where evaluated.condition == GeneratedChunks.Condition.heldout {
            if ["expert", "alt"].contains(evaluated.policy) {
                rungs.append(Self.rung(evaluated.policy, policy: evaluated.policy, evaluated, context))
            }
            if let rung = Self.selfNoise(evaluated, context) { rungs.append(rung) }
        }
        for (control, chunks) in ControlChunks(context).all {
            let evaluated = EvaluatedChunks(
                GeneratedChunks(
                    policy: control, condition: "control", chunks: chunks, observation: Array(0..<chunks.count),
                    sample: [Int](repeating: 0, count: chunks.count)),
                metric: context.metric, train: context.scaledTrain, reference: nil, pool: context.pool)
            rungs.append(Self.rung(control, evaluated, context))
        }
        if let rung = Self.randomTrain(context) { rungs.append(rung) }
        self.rungs = rungs
    }

    private static func rung(
        _ control: String, policy: String = "", _ evaluated: EvaluatedChunks, _ context: ProbeContext
    ) -> Rung {
        let medians = NeighbourMedians(evaluated, bootstrap: evaluated.bootstrap("ladder", in: context))
        return Rung(
            control: control, policy: policy, distance: medians.distance, ratio: medians.ratio, score: medians.score,
            units: evaluated.units)
    }

    private static func distanceRung(
        _ control: String, policy: String = "", _ distances: [Float], clusters: [Int], _ context: ProbeContext
    ) -> Rung {
        let sample = SortedSample(distances.map(Double.init))
        let bootstrap = context.bootstrap(clusters: clusters, stream: context.seed / "ladder" / control / policy)
        let missing = Estimate(value: nil)
        return Rung(
            control: control, policy: policy, distance: bootstrap.estimate { sample.median(weights: $0) },
            ratio: missing, score: missing, units: bootstrap.units)
    }

    private static func selfNoise(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> Rung? {
        let pairs = evaluated.selfDistance
        guard !pairs.isEmpty else { return nil }
        return distanceRung(
            "self_noise", policy: evaluated.policy, pairs.map(\.distance),
            clusters: pairs.map { evaluated.generated.cluster[$0.row] }, context)
    }

    private static func randomTrain(_ context: ProbeContext) -> Rung? {
        guard let query = context.query else { return nil }
        let scaled = context.metric.scaled(query)
        var source = RandomSource(context.seed / "ladder" / "random_train")
        let distances = (0..<query.count).map {
            scaled.distance($0, to: source.index(below: context.train.count), of: context.scaledTrain)
        }
        return distanceRung("random_train", distances, clusters: query.demonstration, context)
    }
}
