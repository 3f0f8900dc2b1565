import Basics

/// P00: what do the data allow to be seen at all?
///
/// - Lengths: chunks (windows) and frames per demonstration and split.
/// - D12(i): distance from training chunk i to the nearest chunk of another demonstration; 30-bin histogram, quantiles.
/// - Intrinsic dimension across demonstrations by TwoNN, k = n / Σ ln(d2/d1) (`IntrinsicDimension` states the caveat),
///   for train and, measured against train, for held-out chunks. Control: the held-out estimate.
/// - Duplicates: chunks whose nearest chunk of another training demonstration is within 1e-6, in train and, as leaks,
///   in reference and query.
/// - Multimodality (needs features): `ChunkModes`. Control: unimodal clouds of the same covariance. Verdict
///   `multimodal` when the interval of the difference lies above 0, else `not multimodal`; all other rows are a
///   `description`.
///
/// `p00_lengths`: split, demonstration, chunks, first_frame, last_frame. `p00_d12_histogram`: bin_low, bin_high,
/// count, share. `p00_d12_quantiles`: probability, d12. `p00_duplicates`: split, demonstration, frame,
/// duplicate_demonstration, duplicate_frame, distance. `p00_modes`: demonstration, frame, spread, spread_over_d12,
/// two_modes, unimodal.
public struct DataAudit: Probe {
    public let name = "p00"
    public let title = "data audit"
    /// Largest distance of a duplicate, in training standard deviations: rounding of a float32 file.
    static let duplicateDistance: Float = 1e-6

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        var result = ProbeResult(tables: [("p00_lengths", lengths(context))])
        result.tables += spacing(context)
        let (table, duplicateRow) = duplicates(context)
        result.tables.append(("p00_duplicates", table))
        result.summary = spacingSummary(context) + dimensionSummary(context) + [duplicateRow]
        if let modes = ChunkModes(context) {
            result.tables.append(("p00_modes", modes.table(context)))
            result.summary.append(modes.summary(context))
        }
        return result
    }

    private func lengths(_ context: ProbeContext) -> Table {
        var table = Table(columns: ["split", "demonstration", "chunks", "first_frame", "last_frame"])
        for (split, chunks) in [("train", context.train), ("reference", context.reference), ("query", context.query)] {
            guard let chunks else { continue }
            let frames = Dictionary(grouping: 0..<chunks.count) { chunks.demonstration[$0] }
                .mapValues { $0.map { chunks.frame[$0] } }
            for (demonstration, frames) in frames.sorted(by: { $0.key < $1.key }) {
                table.append([
                    .text(split), .integer(demonstration), .integer(frames.count),
                    frames.min().map { .integer($0) } ?? .missing, frames.max().map { .integer($0) } ?? .missing,
                ])
            }
        }
        return table
    }

    private func spacing(_ context: ProbeContext) -> [(name: String, table: Table)] {
        let values = context.trainNeighbours.distance.map(Double.init)
        let bins = Histogram(values, bins: 30)
        var histogram = Table(columns: ["bin_low", "bin_high", "count", "share"])
        for (bin, count) in bins.counts.enumerated() {
            histogram.append([
                .number(Double(bin) * bins.width), .number(Double(bin + 1) * bins.width), .integer(count),
                .number(Double(count) / Double(values.count)),
            ])
        }
        let sample = SortedSample(values)
        var quantiles = Table(columns: ["probability", "d12"])
        for probability in [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1] {
            quantiles.append([.number(probability), .number(sample.quantile(probability))])
        }
        return [("p00_d12_histogram", histogram), ("p00_d12_quantiles", quantiles)]
    }

    private func spacingSummary(_ context: ProbeContext) -> [SummaryRow] {
        let sample = SortedSample(context.trainNeighbours.distance.map(Double.init))
        let bootstrap = context.bootstrap(clusters: context.train.demonstration, stream: context.seed / "p00" / "d12")
        let heldout = context.heldout.map { SortedSample($0.toTrain.distance.map(Double.init)).quantile(0.5) }
        return [
            row(
                "p00_d12_median", bootstrap.estimate { sample.median(weights: $0) }, n: bootstrap.units,
                control: "heldout", heldout)
        ]
    }

    private func dimensionSummary(_ context: ProbeContext) -> [SummaryRow] {
        func estimate(_ neighbours: NearestChunks, _ clusters: [Int], _ split: String) -> Estimate {
            let dimension = IntrinsicDimension(neighbours)
            return context.bootstrap(clusters: clusters, stream: context.seed / "p00" / "dimension" / split)
                .estimate { dimension.estimate(weights: $0) }
        }
        let heldout = context.heldout.map { estimate($0.toTrain, $0.generated.cluster, "query") }
        return [
            row(
                "p00_intrinsic_dimension", estimate(context.trainNeighbours, context.train.demonstration, "train"),
                n: context.train.demonstrations.count, control: "heldout", heldout?.value)
        ]
    }

    private func duplicates(_ context: ProbeContext) -> (Table, SummaryRow) {
        var table = Table(columns: [
            "split", "demonstration", "frame", "duplicate_demonstration", "duplicate_frame", "distance",
        ])
        func append(_ split: String, _ chunks: Chunks, _ near: NearestChunks) -> Int {
            let rows = (0..<chunks.count).filter { near.distance[$0] <= Self.duplicateDistance }
            for row in rows {
                table.append([
                    .text(split), .integer(chunks.demonstration[row]), .integer(chunks.frame[row]),
                    .integer(near.recalledDemonstration[row]), .integer(context.train.frame[near.index[row]]),
                    Table.Cell(near.distance[row]),
                ])
            }
            return rows.count
        }
        let found = append("train", context.train, context.trainNeighbours)
        if let reference = context.reference {
            let near = NearestChunks(
                of: context.metric.scaled(reference), in: context.scaledTrain, pool: context.pool)
            _ = append("reference", reference, near)
        }
        let leaked = zip([context.query].compactMap { $0 }, [context.heldout].compactMap { $0 })
            .map { append("query", $0, $1.toTrain) }
        let share = Double(found) / Double(context.train.count)
        let control = context.query.flatMap { query in leaked.first.map { Double($0) / Double(query.count) } }
        let summary = row(
            "p00_duplicate_share", Estimate(value: share), n: context.train.demonstrations.count, control: "heldout",
            control)
        return (table, summary)
    }

    private func row(
        _ endpoint: String, _ estimate: Estimate, n: Int, control: String, _ controlValue: Double?
    ) -> SummaryRow {
        SummaryRow(
            endpoint, policy: "data", condition: GeneratedChunks.Condition.train, estimate, n: n, unit: "demonstration",
            control: control, controlValue: controlValue, verdict: .description)
    }
}
