import Basics
import Foundation

extension RGBImage {
    /// The picture under `shift`, of the same size.
    public func shifted(_ shift: ImageShift) -> RGBImage {
        switch shift {
        case .color(let hue, let saturation): colorShifted(hue: hue, saturation: saturation)
        case .light(let gain, let gamma): lightShifted(gain: gain, gamma: gamma)
        case .camera(let turn, let x, let y, let zoom): cameraShifted(turn: turn, x: x, y: y, zoom: zoom)
        }
    }

    private func colorShifted(hue: Double, saturation: Double) -> RGBImage {
        var output = pixels
        for i in stride(from: 0, to: pixels.count, by: 3) {
            let old = RGBColor(pixels[i], pixels[i + 1], pixels[i + 2]).hueSaturationValue
            let new = RGBColor(hue: old.hue + hue, saturation: min(old.saturation * saturation, 1), value: old.value)
            (output[i], output[i + 1], output[i + 2]) = (new.red, new.green, new.blue)
        }
        return RGBImage(width: width, height: height, pixels: output)
    }

    private func lightShifted(gain: SIMD3<Double>, gamma: Double) -> RGBImage {
        let tables = (0..<3).map { channel in
            (0..<256).map { UInt8(min(max(pow(Double($0) / 255, gamma) * gain[channel], 0), 1) * 255 + 0.5) }
        }
        return RGBImage(
            width: width, height: height, pixels: pixels.enumerated().map { tables[$0 % 3][Int($1)] })
    }

    private func cameraShifted(turn: Double, x: Double, y: Double, zoom: Double) -> RGBImage {
        precondition(zoom > 0, "zoom \(zoom)")
        let (sine, cosine) = (sin(turn), cos(turn))
        let middle = SIMD2(Double(width - 1), Double(height - 1)) / 2
        let move = SIMD2(x * Double(width), y * Double(height))
        var output: [UInt8] = []
        output.reserveCapacity(pixels.count)
        for row in 0..<height {
            for column in 0..<width {
                // Where the output pixel comes from: the inverse of turn, zoom, move.
                let moved = (SIMD2(Double(column), Double(row)) - middle - move) / zoom
                let place = SIMD2(cosine * moved.x + sine * moved.y, cosine * moved.y - sine * moved.x) + middle
                let color = interpolated(at: place)
                for channel in 0..<3 { output.append(UInt8(color[channel] + 0.5)) }
            }
        }
        return RGBImage(width: width, height: height, pixels: output)
    }

    /// Linear between pixel centres, which have whole coordinates; the edge repeated.
    private func interpolated(at place: SIMD2<Double>) -> SIMD3<Double> {
        let x = min(max(place.x, 0), Double(width - 1)), y = min(max(place.y, 0), Double(height - 1))
        let column = Int(x), row = Int(y)
        let right = min(column + 1, width - 1), below = min(row + 1, height - 1)
        func color(_ column: Int, _ row: Int) -> SIMD3<Double> {
            let i = (row * width + column) * 3
            return SIMD3(Double(pixels[i]), Double(pixels[i + 1]), Double(pixels[i + 2]))
        }
        let (a, b) = (x - Double(column), y - Double(row))
        let upper = color(column, row) * (1 - a) + color(right, row) * a
        let lower = color(column, below) * (1 - a) + color(right, below) * a
        return upper * (1 - b) + lower * b
    }
}

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
