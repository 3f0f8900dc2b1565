/// Per-dimension affine maps into a policy's units: normalised = (raw - centre) * scale + offset.
///
/// The centre is 0 but for policies that were trained elsewhere with means or minima taken off first: in float32,
/// raw * scale + offset loses digits where a value varies little around a large mean. Fitted on training demonstrations only, with diffusion_policy's range rule (`normalizer.py`, mode limits).
public struct Normalizer: Sendable, Equatable {
    public let actionScale: [Float]  // [A]
    public let actionOffset: [Float]  // [A]
    public let lowDimScale: [Float]  // [L]
    public let lowDimOffset: [Float]  // [L]
    public let actionCentre: [Float]?  // [A]
    public let lowDimCentre: [Float]?  // [L]

    public init(
        actionScale: [Float], actionOffset: [Float], actionCentre: [Float]? = nil, lowDimScale: [Float], lowDimOffset: [Float],
        lowDimCentre: [Float]? = nil
    ) {
        precondition(
            actionScale.count == actionOffset.count && lowDimScale.count == lowDimOffset.count,
            "scales \(actionScale.count), \(lowDimScale.count) and offsets \(actionOffset.count), \(lowDimOffset.count)")
        precondition(
            (actionCentre ?? actionScale).count == actionScale.count && (lowDimCentre ?? lowDimScale).count == lowDimScale.count,
            "scales \(actionScale.count), \(lowDimScale.count) and other numbers of centres")
        self.actionCentre = actionCentre
        self.lowDimCentre = lowDimCentre
        self.actionScale = actionScale
        self.actionOffset = actionOffset
        self.lowDimScale = lowDimScale
        self.lowDimOffset = lowDimOffset
    }

    /// Low-dim values: range to [-1, 1] per dimension. Actions: unchanged when all of them lie in [-1, 1]
    /// (delta actions), else range to [-1, 1] per dimension. A range under 1e-4 is centred and not scaled.
    public static func fit(_ set: DemonstrationSet, demonstrations: [Int]) -> Normalizer {
        precondition(!demonstrations.isEmpty, "a normalizer needs at least 1 demonstration, found 0")
        let episodes = demonstrations.map { set.episodes[$0] }
        let actions = DimensionRange.of(episodes.map(\.actions), width: set.actionDimension)
        let lowDim = DimensionRange.of(episodes.map(\.lowDim), width: set.lowDimDimension)
        // A little room: float64 actions of exactly 1 may come from float32 arithmetic.
        let areDeltas = actions.allSatisfy { $0.minimum >= -1.000_001 && $0.maximum <= 1.000_001 }
        let actionMaps = areDeltas ? actions.map { _ in (scale: Float(1), offset: Float(0)) } : actions.map(unitMap)
        let lowDimMaps = lowDim.map(unitMap)
        return Normalizer(
            actionScale: actionMaps.map(\.scale), actionOffset: actionMaps.map(\.offset),
            lowDimScale: lowDimMaps.map(\.scale), lowDimOffset: lowDimMaps.map(\.offset))
    }

    /// The map of a range to [-1, 1].
    private static func unitMap(_ range: DimensionRange) -> (scale: Float, offset: Float) {
        let width = Double(range.maximum) - Double(range.minimum)
        guard width >= 1e-4 else { return (1, -range.minimum) }
        let scale = 2 / width
        return (Float(scale), Float(-1 - scale * Double(range.minimum)))
    }

    /// Rows [*, A] from raw to normalised.
    public func normalizeActions(_ rows: [Float]) -> [Float] { Self.apply(rows, actionScale, actionOffset, actionCentre) }

    /// Rows [*, A] from normalised to raw.
    public func denormalizeActions(_ rows: [Float]) -> [Float] { Self.invert(rows, actionScale, actionOffset, actionCentre) }

    /// Rows [*, L] from raw to normalised.
    public func normalizeLowDim(_ rows: [Float]) -> [Float] { Self.apply(rows, lowDimScale, lowDimOffset, lowDimCentre) }

    /// Rows [*, L] from normalised to raw.
    public func denormalizeLowDim(_ rows: [Float]) -> [Float] { Self.invert(rows, lowDimScale, lowDimOffset, lowDimCentre) }

    private static func apply(_ rows: [Float], _ scale: [Float], _ offset: [Float], _ centre: [Float]?) -> [Float] {
        checkWidth(rows, scale.count)
        if let centre {
            return rows.indices.map { (rows[$0] - centre[$0 % scale.count]) * scale[$0 % scale.count] + offset[$0 % scale.count] }
        }
        return rows.indices.map { rows[$0] * scale[$0 % scale.count] + offset[$0 % scale.count] }
    }

    private static func invert(_ rows: [Float], _ scale: [Float], _ offset: [Float], _ centre: [Float]?) -> [Float] {
        checkWidth(rows, scale.count)
        if let centre {
            return rows.indices.map { (rows[$0] - offset[$0 % scale.count]) / scale[$0 % scale.count] + centre[$0 % scale.count] }
        }
        return rows.indices.map { (rows[$0] - offset[$0 % scale.count]) / scale[$0 % scale.count] }
    }

    private static func checkWidth(_ rows: [Float], _ width: Int) {
        precondition(
            width == 0 ? rows.isEmpty : rows.count % width == 0, "\(rows.count) values are no rows of \(width)")
    }
}
