import Basics

/// P01: does the image of training demonstration i give demonstration i back, and has the policy fitted at all?
///
/// Condition `train` only; a check of the fit, not evidence of memory.
/// - recall@1: share of samples whose nearest training chunk is of the demonstration asked about. Wilson interval on
///   the number of demonstrations. Control: chance, the sum of the squared shares of the demonstrations' chunks.
/// - |Δt|: frames between the recalled chunk and the one asked about, where the demonstration is right. Control:
///   `random_frame`, the mean |Δt| to a frame of the same demonstration drawn at random.
/// - error: median distance to the true chunk over the median D12. Verdict `fitted` if and only if it is under 0.5
///   (probes.md §1), else `not fitted`. Control: the threshold.
///
/// `p01_samples`: policy, observation, demonstration, frame, sample, recalled_demonstration, recalled_frame, recalled
/// (true or false), delta_t (NA when the demonstration is wrong), d1, error (to the true chunk), error_over_d12 (over
/// the median D12).
public struct TrainPointRecall: Probe {
    public let name = "p01"
    public let title = "train-point recall and fit"
    public let endpoints = [Endpoint.trainRecall, .trainOffset, .trainError]

    public init() {}

    public func reasonNotToAsk(_ data: DataSummary) -> String? { data.reasonWithoutUnit }

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "policies under the condition train") { $0.condition == .train }
        return ProbeResult(
            tables: [
                TrainSample.table(
                    rows.flatMap { evaluated in
                        (0..<evaluated.count).map { TrainSample(evaluated, $0, delta: delta(evaluated, $0, context), context) }
                    })
            ], summary: rows.flatMap { summarise($0, context) })
    }

    /// Frames between what was recalled and what was asked; nil where another demonstration was recalled.
    private func delta(_ evaluated: EvaluatedChunks, _ row: Int, _ context: ProbeContext) -> Int? {
        guard evaluated.toTrain.recalledDemonstration[row] == evaluated.generated.chunks.demonstration[row] else {
            return nil
        }
        return abs(context.train.frame[evaluated.toTrain.index[row]] - evaluated.generated.chunks.frame[row])
    }

    private func summarise(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> [SummaryRow] {
        let deltas = (0..<evaluated.count).map { delta(evaluated, $0, context) }
        let hits = deltas.map { $0 == nil ? 0.0 : 1.0 }
        let recalled = deltas.indices.filter { deltas[$0] != nil }
        let offsets = SortedSample(recalled.compactMap { deltas[$0].map(Double.init) })
        let share = hits.reduce(0, +) / Double(hits.count)
        let offset = context.bootstrap(of: evaluated, name).estimate { weights in
            offsets.median(weights: recalled.map { weights[$0] })
        }
        let fit = context.fits[evaluated.policy]
        return [
            Endpoint.trainRecall.row(
                evaluated, Wilson.estimate(share: share, count: evaluated.units), chance(context.train), .fitCheck),
            Endpoint.trainOffset.row(evaluated, offset, randomFrame(context.train), .fitCheck),
            Endpoint.trainError.row(
                evaluated, fit?.ratio ?? Estimate(value: nil), context.rules.fit,
                fit.map { $0.isFitted ? .fitted : .notFitted } ?? .fitUnknown),
        ]
    }

    private func chance(_ train: Chunks) -> Double {
        let counts = train.demonstrations.map { own in Double(train.demonstration.count { $0 == own }) }
        return counts.map { $0 / Double(train.count) * $0 / Double(train.count) }.reduce(0, +)
    }

    /// Mean of |s - t| over pairs of frames of one demonstration, demonstrations weighing as their chunks.
    private func randomFrame(_ train: Chunks) -> Double {
        var sum = 0.0
        let rows = Dictionary(grouping: 0..<train.count) { train.demonstration[$0] }
        // In a fixed order: that of a dictionary differs from run to run, and with it the last bit of the sum.
        for demonstration in train.demonstrations {
            let frames = (rows[demonstration] ?? []).map { train.frame[$0] }.sorted()
            var below = 0
            var pairs = 0
            for (place, frame) in frames.enumerated() {
                pairs += place * frame - below
                below += frame
            }
            sum += 2 * Double(pairs) / Double(frames.count)
        }
        return sum / Double(train.count)
    }
}

extension Endpoint {
    static let trainRecall = Endpoint(
        "p01_recall_at_1", "recall at 1",
        "share of sequences sampled at training observations whose nearest training sequence is of the demonstration asked about",
        unit: "share of samples", control: .chance)
    static let trainOffset = Endpoint(
        "p01_delta_t_median", "frames off",
        "median of |frame of the nearest training sequence - frame asked about|, where it is of the same demonstration",
        unit: "frames", control: Control("random_frame"))
    /// The fit that every verdict about memory depends on.
    public static let trainError = Endpoint(
        "p01_error_over_d12", "fit",
        "median distance between sequences sampled at training observations and the demonstrator's there, over the median D12; fitted below rules.fit",
        unit: "median D12", control: .threshold)
}

/// A row of `p01_samples`.
private struct TrainSample: ProbeTable {
    static let name = "p01_samples"
    var policy = ""
    var observation = 0, frame = 0, sample = 0, recalledFrame = 0
    var demonstration = NamedDemonstration(), recalledDemonstration = NamedDemonstration()
    var delta: Int?
    var d1: Float = 0
    var error: Double?
    var errorOverD12: Double?
    var isRecalled = false

    init() {}

    init(_ evaluated: EvaluatedChunks, _ row: Int, delta: Int?, _ context: ProbeContext) {
        let generated = evaluated.generated
        policy = evaluated.policy.name
        observation = generated.observation[row]
        demonstration = generated.chunks.named(row)
        frame = generated.chunks.frame[row]
        sample = generated.sample[row]
        recalledDemonstration = context.train.names[evaluated.toTrain.recalledDemonstration[row]]
        recalledFrame = context.train.frame[evaluated.toTrain.index[row]]
        isRecalled = delta != nil
        self.delta = delta
        d1 = evaluated.toTrain.distance[row]
        error = evaluated.errorToTruth.map { Double($0[row]) }
        errorOverD12 = error.map { $0 / context.medianD12 }
    }

    static var columns: [Column<TrainSample>] {
        [
            Column("policy", \.policy), Column("observation", \.observation), .demonstration(\.demonstration),
            Column("frame", \.frame), Column("sample", \.sample), .demonstration("recalled_", \.recalledDemonstration),
            Column("recalled_frame", \.recalledFrame), Column("recalled", \.isRecalled), Column("delta_t", \.delta),
            Column("d1", \.d1), Column("error", \.error), Column("error_over_d12", \.errorOverD12),
        ]
    }
}
