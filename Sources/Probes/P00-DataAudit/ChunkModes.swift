import Basics

/// Multimodality of demonstrated actions: the chunks that follow the 10 most similar observations, one from each of 10
/// other demonstrations (fewer where there are fewer).
///
/// Spread is the RMS distance between two of those chunks. `two_modes` is the share of their variance that the best
/// split in two explains (2-means from the farthest pair); a single Gaussian cloud in few dimensions gives a large
/// share too, so `unimodal` is the same for Gaussian draws with exactly the sample covariance of these chunks.
struct ChunkModes: Sendable {
    /// Observation neighbours per frame.
    static let neighbours = 10
    /// At most this many training frames, evenly spaced, are looked at.
    static let anchors = 512

    struct Row: Sendable {
        let frame: Int
        let spread: Double
        let twoModes: Double
        let unimodal: Double
    }

    let rows: [Row]

    /// Nil without features of the training observations, or with fewer than 5 other demonstrations: too few chunks for
    /// two groups.
    init?(_ context: ProbeContext) {
        guard let space = context.space, context.train.demonstrations.count > 5 else { return nil }
        let count = context.train.count
        let anchors = (0..<min(count, Self.anchors)).map { $0 * count / min(count, Self.anchors) }
        let table = space.table
        rows = context.pool.map(count: anchors.count) { index in
            let anchor = anchors[index]
            let near = Self.neighbours(of: anchor, in: table, context.train.demonstration)
            let cloud = PointCloud(near.map { context.scaledTrain.vectors.row($0) })
            var source = RandomSource(context.seed / "p00" / "unimodal" / anchor)
            return Row(
                frame: anchor, spread: cloud.spread, twoModes: cloud.shareOfTwoMeans,
                unimodal: cloud.gaussian(&source).shareOfTwoMeans)
        }
    }

    /// The nearest observation of each other demonstration, nearest demonstrations first.
    private static func neighbours(of anchor: Int, in table: RowVectors, _ demonstration: [Int]) -> [Int] {
        let squared = table.squaredDistances(to: anchor, of: table)
        var best: [Int: Int] = [:]
        for row in squared.indices where demonstration[row] != demonstration[anchor] {
            if let known = best[demonstration[row]], squared[known] <= squared[row] { continue }
            best[demonstration[row]] = row
        }
        return Array(best.values.sorted { (squared[$0], $0) < (squared[$1], $1) }.prefix(neighbours))
    }

    func table(_ context: ProbeContext) -> Table {
        var table = Table(columns: ["demonstration", "frame", "spread", "spread_over_d12", "two_modes", "unimodal"])
        for row in rows {
            table.append([
                .integer(context.train.demonstration[row.frame]), .integer(context.train.frame[row.frame]),
                .number(row.spread), .number(row.spread / context.medianD12), .number(row.twoModes),
                .number(row.unimodal),
            ])
        }
        return table
    }

    /// Mean share of two modes beside the unimodal control.
    func summary(_ context: ProbeContext) -> SummaryRow {
        let found = rows.map(\.twoModes)
        let unimodal = rows.map(\.unimodal)
        let bootstrap = context.bootstrap(
            clusters: rows.map { context.train.demonstration[$0.frame] }, stream: context.seed / "p00" / "modes")
        let estimates = bootstrap.estimates { weights in
            let mean = weightedMean(found, weights)
            return [mean, mean - weightedMean(unimodal, weights)]
        }
        return SummaryRow(
            "p00_two_modes_share", policy: "data", condition: GeneratedChunks.Condition.train, estimates[0],
            n: bootstrap.units, unit: "demonstration", control: "unimodal",
            controlValue: weightedMean(unimodal, [Double](repeating: 1, count: rows.count)),
            verdict: estimates[1].lies(above: 0) ? .multimodal : .notMultimodal)
    }
}
