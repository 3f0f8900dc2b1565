import Basics

/// Observations by a key that a lookup table may have; no other probe reads it.
public struct TableKeySpace: Measurement {
    let space: ObservationSpace

    public init(_ space: ObservationSpace) { self.space = space }
}

/// What one variant of the lookup table did before the study.
public struct TableVariantError: Measurement {
    let variant: String
    /// How far its sequences are from those of the reference demonstrations, asked along each: root mean square of the executed
    /// actions, in normalised units.
    let error: Double
    /// In the episodes by which the variant is chosen; nil where there were none.
    let successes: Int?, episodes: Int?
    /// Whether the study's table is of it.
    let isChosen: Bool

    public init(variant: String, error: Double, successes: Int?, episodes: Int?, isChosen: Bool) {
        self.variant = variant
        self.error = error
        self.successes = successes
        self.episodes = episodes
        self.isChosen = isChosen
    }
}

/// A row of `p25_variants`.
struct VariantErrorRow: ProbeTable {
    static let name = "p25_variants"
    var variant = ""
    var error = 0.0
    var successes: Int?, episodes: Int?
    var isChosen = false

    init() {}

    init(_ measured: TableVariantError) {
        variant = measured.variant
        error = measured.error
        successes = measured.successes
        episodes = measured.episodes
        isChosen = measured.isChosen
    }

    static var columns: [Column<VariantErrorRow>] {
        [
            Column("variant", \.variant), Column("error", \.error), Column("successes", \.successes), Column("episodes", \.episodes),
            Column("chosen", \.isChosen),
        ]
    }
}
