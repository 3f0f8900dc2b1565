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

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let rows = try context.requireEvaluated(name, where: "policies under the condition train") {
            $0.condition == GeneratedChunks.Condition.train
        }
        var samples = Table(columns: [
            "policy", "observation", "demonstration", "frame", "sample", "recalled_demonstration", "recalled_frame",
            "recalled", "delta_t", "d1", "error", "error_over_d12",
        ])
        var summary: [SummaryRow] = []
        for evaluated in rows {
            append(evaluated, to: &samples, context)
            summary += summarise(evaluated, context)
        }
        return ProbeResult(tables: [("p01_samples", samples)], summary: summary)
    }

    /// Frames between what was recalled and what was asked; nil where another demonstration was recalled.
    private func delta(_ evaluated: EvaluatedChunks, _ row: Int, _ context: ProbeContext) -> Int? {
        guard evaluated.toTrain.recalledDemonstration[row] == evaluated.generated.chunks.demonstration[row] else {
            return nil
        }
        return abs(context.train.frame[evaluated.toTrain.index[row]] - evaluated.generated.chunks.frame[row])
    }

    private func append(_ evaluated: EvaluatedChunks, to table: inout Table, _ context: ProbeContext) {
        let generated = evaluated.generated
        for row in 0..<evaluated.count {
            let delta = delta(evaluated, row, context)
            let error = evaluated.errorToTruth.map { Double($0[row]) }
            table.append([
                .text(evaluated.policy), .integer(generated.observation[row]),
                .integer(generated.chunks.demonstration[row]), .integer(generated.chunks.frame[row]),
                .integer(generated.sample[row]), .integer(evaluated.toTrain.recalledDemonstration[row]),
                .integer(context.train.frame[evaluated.toTrain.index[row]]), Table.Cell(delta != nil),
                delta.map { .integer($0) } ?? .missing, Table.Cell(evaluated.toTrain.distance[row]),
                Table.Cell(error), Table.Cell(error.map { $0 / context.medianD12 }),
            ])
        }
    }

    private func summarise(_ evaluated: EvaluatedChunks, _ context: ProbeContext) -> [SummaryRow] {
        let bootstrap = evaluated.bootstrap(name, in: context)
        let deltas = (0..<evaluated.count).map { delta(evaluated, $0, context) }
        let hits = deltas.map { $0 == nil ? 0.0 : 1.0 }
        let recalled = deltas.indices.filter { deltas[$0] != nil }
        let offsets = SortedSample(recalled.compactMap { deltas[$0].map(Double.init) })
        func row(
            _ endpoint: String, _ estimate: Estimate, control: String, _ controlValue: Double?, _ verdict: Verdict
        ) -> SummaryRow {
            SummaryRow(
                endpoint, policy: evaluated.policy, condition: evaluated.condition, estimate, n: evaluated.units,
                unit: evaluated.generated.unit, control: control, controlValue: controlValue, verdict: verdict)
        }
        let share = hits.reduce(0, +) / Double(hits.count)
        let fit = context.fits[evaluated.policy]
        return [
            row(
                "p01_recall_at_1", Wilson.estimate(share: share, count: evaluated.units), control: "chance",
                chance(context.train), .fitCheck),
            row(
                "p01_delta_t_median",
                bootstrap.estimate { weights in offsets.median(weights: recalled.map { weights[$0] }) },
                control: "random_frame", randomFrame(context.train), .fitCheck),
            row(
                "p01_error_over_d12", fit?.ratio ?? Estimate(value: nil), control: "threshold", context.rules.fit,
                fit.map { $0.isFitted ? .fitted : .notFitted } ?? .fitUnknown),
        ]
    }

    private func chance(_ train: Chunks) -> Double {
        let counts = Dictionary(grouping: train.demonstration) { $0 }.values.map { Double($0.count) }
        return counts.map { $0 / Double(train.count) * $0 / Double(train.count) }.reduce(0, +)
    }

    /// Mean of |s - t| over pairs of frames of one demonstration, demonstrations weighing as their chunks.
    private func randomFrame(_ train: Chunks) -> Double {
        var sum = 0.0
        for rows in Dictionary(grouping: 0..<train.count, by: { train.demonstration[$0] }).values {
            let frames = rows.map { train.frame[$0] }.sorted()
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
