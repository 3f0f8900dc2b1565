import Basics
import Plots

/// A row of `p00_lengths`: one demonstration.
struct LengthRow: ProbeTable {
    static let name = "p00_lengths"
    var split = ""
    var demonstration = NamedDemonstration()
    var chunks = 0
    var firstFrame: Int?, lastFrame: Int?

    static var columns: [Column<LengthRow>] {
        [
            Column("split", \.split), .demonstration(\.demonstration), Column("sequences", \.chunks),
            Column("first_frame", \.firstFrame), Column("last_frame", \.lastFrame),
        ]
    }
}

/// A row of `p00_d12_histogram`: one of equal bins from 0 to the largest value.
struct SpacingBin: ProbeTable {
    static let name = "p00_d12_histogram"
    var low = 0.0, high = 0.0
    var count = 0
    var share = 0.0

    /// - Parameter values: finite and not negative.
    static func rows(_ values: [Double], bins: Int = 30) -> [SpacingBin] {
        precondition(bins > 0, "\(bins) bins")
        let largest = values.max() ?? 0, width = largest / Double(bins)
        var counts = [Int](repeating: 0, count: bins)
        for value in values {
            counts[largest > 0 ? min(bins - 1, Int(value / largest * Double(bins))) : 0] += 1
        }
        return counts.enumerated().map { bin, count in
            SpacingBin(
                low: Double(bin) * width, high: Double(bin + 1) * width, count: count,
                share: Double(count) / Double(values.count))
        }
    }

    static var columns: [Column<SpacingBin>] {
        [Column("bin_low", \.low), Column("bin_high", \.high), Column("count", \.count), Column("share", \.share)]
    }
}

/// A row of `p00_d12_quantiles`.
struct SpacingQuantile: ProbeTable {
    static let name = "p00_d12_quantiles"
    var probability = 0.0, distance = 0.0

    static func rows(_ values: [Double]) -> [SpacingQuantile] {
        let sample = SortedSample(values)
        return [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1].map {
            SpacingQuantile(probability: $0, distance: sample.quantile($0))
        }
    }

    static var columns: [Column<SpacingQuantile>] {
        [Column("probability", \.probability), Column("d12", \.distance)]
    }
}

/// A row of `p00_duplicates`: a chunk and the training chunk of another demonstration that it equals.
struct DuplicateRow: ProbeTable {
    static let name = "p00_duplicates"
    var split = ""
    var demonstration = NamedDemonstration(), duplicateDemonstration = NamedDemonstration()
    var frame = 0, duplicateFrame = 0
    var distance: Float = 0

    static var columns: [Column<DuplicateRow>] {
        [
            Column("split", \.split), .demonstration(\.demonstration), Column("frame", \.frame),
            .demonstration("duplicate_", \.duplicateDemonstration),
            Column("duplicate_frame", \.duplicateFrame), Column("distance", \.distance),
        ]
    }
}

extension DataAudit {
    /// How far training sequences lie from those of other demonstrations; nothing where all are repeated.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let bins = try source.rows(SpacingBin.self)
        guard let first = bins.first, first.high > first.low else { return [] }
        let width = first.high - first.low
        return [
            Plot(
                name: "p00_d12", title: "Distance of training sequences to the nearest one of another demonstration (D12)",
                xLabel: "distance (training standard deviations)", yLabel: "share of windows",
                kind: .histogram(binWidth: width),
                series: [
                    Plot.Series(
                        "training windows",
                        bins.points(x: { $0.low + width / 2 }, y: { Estimate(value: $0.share) }))
                ])
        ]
    }
}
