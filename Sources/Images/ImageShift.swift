import Basics

/// A change of a whole camera picture that leaves its content recognisable: what a simulator would render anew, done to
/// the picture where there is no simulator.
public enum ImageShift: Sendable, Equatable {
    /// Turns every hue by `hue` turns and multiplies every saturation.
    case color(hue: Double, saturation: Double)
    /// Each channel in [0, 1] to the power `gamma`, then times its gain, clipped.
    case light(gain: SIMD3<Double>, gamma: Double)
    /// What a moved camera sees: the picture turned about its middle by `turn` radians (clockwise), enlarged `zoom`
    /// times and moved right and down by `x` and `y` of its own width and height; interpolated linearly, the edge repeated.
    case camera(turn: Double, x: Double, y: Double, zoom: Double)

    public enum Kind: String, Sendable, CaseIterable { case color, light, camera }

    /// A shift of the strength of the embedded simulator's variations.
    ///
    /// - `color`: hues turned by 0.1 to 0.9 of a circle, as its cube's; saturation times 0.6 to 1.4.
    /// - `light`: its gains (0.4 to 0.65 or 1.25 to 1.5, each channel times 0.75 to 1), with a gamma of 0.8 to 1.25.
    /// - `camera`: it moves its camera by up to 6 cm and turns it by up to 0.06 radians; at 0.66 m under a field of view
    ///   of 41 degrees these are up to 0.06 radians, 12 % and 8 % of the picture, drawn apart and added, and a zoom of 9 %.
    public static func varied(_ kind: Kind, seed: Seed) -> ImageShift {
        var source = RandomSource(seed / kind.rawValue)
        switch kind {
        case .color: return .color(hue: source.uniform(0.1, 0.9), saturation: source.uniform(0.6, 1.4))
        case .light:
            let gain = source.index(below: 2) == 0 ? source.uniform(0.4, 0.65) : source.uniform(1.25, 1.5)
            let channels = SIMD3(source.uniform(0.75, 1), source.uniform(0.75, 1), source.uniform(0.75, 1))
            return .light(gain: gain * channels, gamma: source.uniform(0.8, 1.25))
        case .camera:
            func move() -> Double { source.uniform(-0.12, 0.12) + source.uniform(-0.08, 0.08) }
            return .camera(turn: source.uniform(-0.06, 0.06), x: move(), y: move(), zoom: source.uniform(0.91, 1.09))
        }
    }
}
