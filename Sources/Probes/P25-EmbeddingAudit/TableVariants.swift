import Basics

/// Observations by a key that a lookup table may have; no other probe reads it.
public struct TableKeySpace: Measurement {
    let space: ObservationSpace

    public init(_ space: ObservationSpace) { self.space = space }
}

/// How far the sequences of one variant of the lookup table are from those of the reference demonstrations, asked along each:
/// root mean square of the executed actions, in normalised units.
public struct TableVariantError: Measurement {
    let variant: String
    let error: Double
    /// Whether the study's table is of it.
    let isChosen: Bool

    public init(variant: String, error: Double, isChosen: Bool) {
        self.variant = variant
        self.error = error
        self.isChosen = isChosen
    }
}

/// A row of `p25_variants`.
struct VariantErrorRow: ProbeTable {
    static let name = "p25_variants"
    var variant = ""
    var error = 0.0
    var isChosen = false

    init() {}

    init(_ measured: TableVariantError) {
        variant = measured.variant
        error = measured.error
        isChosen = measured.isChosen
    }

    static var columns: [Column<VariantErrorRow>] {
        [Column("variant", \.variant), Column("error", \.error), Column("chosen", \.isChosen)]
    }
}
