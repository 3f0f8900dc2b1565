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
    public let needs: Set<Need> = [.spaces]
    public let endpoints = [Endpoint.spacingMedian, .intrinsicDimension, .duplicateShare, .twoModesShare]
    /// What stands in the column `policy`: the rows are about the demonstrations.
    static let rowName = "data"
    /// Largest distance of a duplicate, in training standard deviations: rounding of a float32 file.
    static let duplicateDistance: Float = 1e-6

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let spacing = context.trainNeighbours.distance.map(Double.init)
        let (duplicates, duplicateRow) = duplicates(context)
        var result = ProbeResult(
            tables: [
                LengthRow.table(lengths(context)), SpacingBin.table(SpacingBin.rows(spacing)),
                SpacingQuantile.table(SpacingQuantile.rows(spacing)), DuplicateRow.table(duplicates),
            ], summary: [spacingRow(context), dimensionRow(context), duplicateRow])
        if let modes = ChunkModes(context) {
            result.tables.append(ModesRow.table(modes.rows))
            result.summary.append(modes.summary(context))
        }
        return result
    }

    private func lengths(_ context: ProbeContext) -> [LengthRow] {
        let parts: [(String, Chunks?)] = [("train", context.train), ("reference", context.reference), ("query", context.query)]
        return parts.flatMap { split, chunks -> [LengthRow] in
            guard let chunks else { return [] }
            let rows = Dictionary(grouping: 0..<chunks.count) { chunks.demonstration[$0] }
            return rows.sorted { $0.key < $1.key }.map { demonstration, rows in
                let frames = rows.map { chunks.frame[$0] }
                return LengthRow(
                    split: split, demonstration: chunks.names[demonstration], chunks: frames.count, firstFrame: frames.min(),
                    lastFrame: frames.max())
            }
        }
    }

    private func spacingRow(_ context: ProbeContext) -> SummaryRow {
        let sample = SortedSample(context.trainNeighbours.distance.map(Double.init))
        let bootstrap = context.bootstrap(clusters: context.train.demonstration, stream: context.seed / "p00" / "d12")
        let heldout = context.heldout.map { SortedSample($0.toTrain.distance.map(Double.init)).quantile(0.5) }
        return Endpoint.spacingMedian.row(
            Self.rowName, .train, bootstrap.estimate { sample.median(weights: $0) }, Estimate(value: heldout),
            n: bootstrap.units, .description)
    }

    private func dimensionRow(_ context: ProbeContext) -> SummaryRow {
        func estimate(_ neighbours: NearestChunks, _ clusters: [Int], _ split: String) -> Estimate {
            let dimension = IntrinsicDimension(neighbours)
            return context.bootstrap(clusters: clusters, stream: context.seed / "p00" / "dimension" / split)
                .estimate { dimension.estimate(weights: $0) }
        }
        return Endpoint.intrinsicDimension.row(
            Self.rowName, .train, estimate(context.trainNeighbours, context.train.demonstration, "train"),
            context.heldout.map { estimate($0.toTrain, $0.generated.cluster, "query") },
            n: context.train.demonstrations.count, .description)
    }

    private func duplicates(_ context: ProbeContext) -> ([DuplicateRow], SummaryRow) {
        func duplicates(_ split: String, _ chunks: Chunks, _ near: NearestChunks) -> [DuplicateRow] {
            (0..<chunks.count).filter { near.distance[$0] <= Self.duplicateDistance }.map { row in
                DuplicateRow(
                    split: split, demonstration: chunks.named(row),
                    duplicateDemonstration: context.train.names[near.recalledDemonstration[row]], frame: chunks.frame[row],
                    duplicateFrame: context.train.frame[near.index[row]], distance: near.distance[row])
            }
        }
        let found = duplicates("train", context.train, context.trainNeighbours)
        var rows = found
        if let reference = context.reference {
            let near = NearestChunks(
                of: context.metric.scaled(reference), in: context.scaledTrain, pool: context.pool)
            rows += duplicates("reference", reference, near)
        }
        var leaked: Double?
        if let query = context.query, let heldout = context.heldout {
            let leaks = duplicates("query", query, heldout.toTrain)
            rows += leaks
            leaked = Double(leaks.count) / Double(query.count)
        }
        let share = Double(found.count) / Double(context.train.count)
        return (
            rows,
            Endpoint.duplicateShare.row(
                Self.rowName, .train, Estimate(value: share), Estimate(value: leaked),
                n: context.train.demonstrations.count, .description)
        )
    }
}

extension Endpoint {
    static let spacingMedian = Endpoint(
        "p00_d12_median", "median D12",
        "median over training windows of D12: the distance (root mean square in training standard deviations) from a training sequence to the nearest one of another demonstration",
        unit: distances, control: .heldout)
    static let intrinsicDimension = Endpoint(
        "p00_intrinsic_dimension", "intrinsic dimension",
        "maximum-likelihood estimate from the two nearest neighbours of training sequences (TwoNN)",
        unit: "dimensions", control: .heldout)
    static let duplicateShare = Endpoint(
        "p00_duplicate_share", "duplicates",
        "share of windows whose sequence lies within 1e-6 of one of another training demonstration",
        unit: "share of windows", control: .heldout)
    static let twoModesShare = Endpoint(
        "p00_two_modes_share", "two modes",
        "variance of the sequences at a training observation's nearest observations that two groups explain, mean over anchors",
        unit: "share of variance", control: Control("unimodal"))
}
