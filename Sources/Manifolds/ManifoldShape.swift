import Foundation

/// The four curves of He et al. 2025, of size 2: the larger side of each is 2, its middle the origin.
public enum ManifoldShape: String, Sendable, CaseIterable {
    /// Semi-axes 1 and 0.5.
    case ellipse
    /// 2 x 1.
    case rectangle
    /// 16 sin³ t, 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t, scaled to width 2.
    case heart
    /// The outline of a pentagram with its tips on the unit circle.
    case star

    private static let curves = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.makeCurve()) })

    public var curve: ClosedCurve { Self.curves[self] ?? makeCurve() }

    private func makeCurve() -> ClosedCurve {
        switch self {
        case .ellipse: Self.smooth { [cos($0), 0.5 * sin($0)] }
        case .rectangle: ClosedCurve([[1, -0.5], [1, 0.5], [-1, 0.5], [-1, -0.5]])
        case .heart:
            // -2.5 is the middle of the heights -17 and 12.
            Self.smooth { t in
                let height = 13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)
                return [pow(sin(t), 3), (height + 2.5) / 16]
            }
        case .star:
            ClosedCurve(
                (0..<10).map { corner in
                    // Inner over outer radius of a pentagram is 1 / φ², φ the golden ratio.
                    let radius = corner.isMultiple(of: 2) ? 1 : (3 - 5.0.squareRoot()) / 2
                    let angle = Double.pi * (0.5 + Double(corner) / 5)
                    return [radius * cos(angle), radius * sin(angle)]
                })
        }
    }

    private static func smooth(_ point: (Double) -> ClosedCurve.Point) -> ClosedCurve {
        ClosedCurve((0..<2048).map { point(2 * Double.pi * Double($0) / 2048) })
    }
}
