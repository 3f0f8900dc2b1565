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
    /// A row of `p02_controls`: a median distance, with median d1/d2 and median S where it is to the nearest training chunk.
    struct Rung: ProbeTable {
        static let name = "p02_controls"
        var control = ""
        /// Empty unless the rung is a policy's.
        var policy = ""
        var distance = Estimate(value: nil)
        var ratio: Double?
        var score: Double?
        var n = 0
        var unit = "demonstration"

        static var columns: [Column<Rung>] {
            [
                Column("control", \.control), Column("policy", \.policy), .interval("distance_median", \.distance),
                Column("ratio_median", \.ratio), Column("s_median", \.score), Column("n", \.n), Column("n_unit", \.unit),
            ]
        }
    }

    let rungs: [Rung]

    init(_ context: ProbeContext) {
        var rungs: [Rung] = []
        if let heldout = context.heldout { rungs.append(Self.rung("heldout", heldout, context)) }
        for evaluated in context.evaluated where evaluated.condition == .heldout {
            if [.expert, .table].contains(evaluated.policy.role) {
                rungs.append(Self.rung(evaluated.policy.name, policy: evaluated.policy.name, evaluated, context))
            }
            if let rung = Self.selfNoise(evaluated, context) { rungs.append(rung) }
        }
        for (control, chunks) in ControlChunks(context).all {
            let evaluated = EvaluatedChunks(
                GeneratedChunks(
                    policy: .rung(control), condition: .control, chunks: chunks, observation: Array(0..<chunks.count),
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
        let medians = NeighbourMedians(evaluated, bootstrap: context.bootstrap(of: evaluated, "ladder"))
        return Rung(
            control: control, policy: policy, distance: medians[.distance], ratio: medians[.ratio].value,
            score: medians[.score].value, n: evaluated.units)
    }

    private static func distanceRung(
        _ control: String, policy: String = "", _ distances: [Float], clusters: [Int], _ context: ProbeContext
    ) -> Rung {
        let sample = SortedSample(distances.map(Double.init))
        let bootstrap = context.bootstrap(clusters: clusters, stream: context.seed / "ladder" / control / policy)
        return Rung(
            control: control, policy: policy, distance: bootstrap.estimate { sample.median(weights: $0) }, n: bootstrap.units)
    }

    private static func selfNoise(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> Rung? {
        let pairs = evaluated.selfDistance
        guard !pairs.isEmpty else { return nil }
        return distanceRung(
            "self_noise", policy: evaluated.policy.name, pairs.map(\.distance),
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
