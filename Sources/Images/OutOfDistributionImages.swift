import Basics
import Foundation

/// Pictures that have nothing to do with a robot's cameras, drawn by code: any size, the same for the same seed.
public enum OutOfDistributionImages {
    public enum Kind: String, Sendable, CaseIterable {
        /// Drawn cats and dogs in varied pose, colour and surroundings.
        case cat, dog
        /// Every byte uniform.
        case noise
        /// One grey level: black, white, then random ones.
        case blank
        /// Checks, stripes, gradients, bricks, smooth noise in random colours.
        case texture
    }

    /// `count` pictures; picture i depends on `seed`, `kind` and i alone.
    public static func make(kind: Kind, count: Int, width: Int, height: Int, seed: Seed) -> [RGBImage] {
        precondition(width > 0 && height > 0, "picture of \(width) x \(height)")
        return (0..<count).map { index in
            let place = seed / kind.rawValue / index
            switch kind {
            case .cat: return AnimalDrawing(.cat, seed: place).image(width: width, height: height)
            case .dog: return AnimalDrawing(.dog, seed: place).image(width: width, height: height)
            case .noise:
                var source = RandomSource(place)
                let pixels = (0..<width * height * 3).map { _ in UInt8(truncatingIfNeeded: source.next() >> 56) }
                return RGBImage(width: width, height: height, pixels: pixels)
            case .blank:
                var source = RandomSource(place)
                let level = index == 0 ? 0 : index == 1 ? 255 : UInt8(1 + source.index(below: 254))
                return RGBImage(width: width, height: height, color: RGBColor(level, level, level))
            case .texture:
                return TexturePattern.image(number: index, width: width, height: height, seed: place)
            }
        }
    }

    /// The same pixels in random order: the colours of a frame without its content.
    public static func pixelShuffled(_ image: RGBImage, seed: Seed) -> RGBImage {
        var source = RandomSource(seed / "pixelShuffled")
        let order = source.permutation(image.width * image.height)
        return RGBImage(
            width: image.width, height: image.height, pixels: order.flatMap { image.pixels[($0 * 3)..<($0 * 3 + 3)] })
    }
}

/// Patterns in two or three random colours.
enum TexturePattern {
    private static let count = 6

    /// The kinds take turns with `number`, so that any few pictures show several of them.
    static func image(number: Int, width: Int, height: Int, seed: Seed) -> RGBImage {
        var source = RandomSource(seed)
        func color() -> RGBColor {
            RGBColor(hue: source.uniform(), saturation: source.uniform(0.1, 0.9), value: source.uniform(0.2, 1))
        }
        let (first, second, third) = (color(), color(), color())
        let (frequency, angle, phase) = (source.uniform(2, 7), source.uniform(0, Double.pi), source.uniform())
        let noise = ValueNoise(seed: seed / "noise")
        func along(_ point: Canvas.Point) -> Double { cos(angle) * point.x + sin(angle) * point.y }
        func across(_ point: Canvas.Point) -> Double { cos(angle) * point.y - sin(angle) * point.x }
        func cell(_ value: Double) -> Int { Int((value * frequency + phase).rounded(.down)) }
        var canvas = Canvas(width: width, height: height, background: first)
        canvas.paint { point in
            switch number % count {
            case 0: return (cell(along(point)) + cell(across(point))) % 2 == 0 ? first : second
            case 1: return [first, second, third][abs(cell(1.5 * along(point))) % 3]
            case 2: return first.mixed(with: second, min(max(0.5 + 0.5 * along(point), 0), 1))
            case 3:
                let row = cell(1.4 * point.y), shift = row % 2 == 0 ? 0 : 0.5
                let (x, y) = (point.x * frequency * 0.6 + phase + shift, point.y * 1.4 * frequency + phase)
                let isJoint = x - x.rounded(.down) < 0.06 || y - y.rounded(.down) < 0.12
                let brick = first.scaled(by: 0.8 + 0.4 * noise.lattice(Int(x.rounded(.down)), row))
                return isJoint ? second : brick
            case 4:
                var value = 0.0, share = 0.5
                for octave in 0..<4 {
                    let zoom = frequency * Double(1 << octave) / 2
                    value += share * noise.value(zoom * point.x, zoom * point.y)
                    share /= 2
                }
                return first.mixed(with: second, min(max((value - 0.2) / 0.55, 0), 1))
            default:
                let radius = (point * point).sum().squareRoot()
                return cell(1.5 * radius) % 2 == 0 ? first : third.mixed(with: second, min(radius, 1))
            }
        }
        return canvas.finished
    }
}

/// Smooth random values over the plane: uniform in [0, 1] at integer points, interpolated between them.
public struct ValueNoise: Sendable {
    private let seed: Seed

    public init(seed: Seed) { self.seed = seed }

    /// The value in [0, 1] at any point.
    public func value(_ x: Double, _ y: Double) -> Double {
        let (left, top) = (x.rounded(.down), y.rounded(.down))
        func smooth(_ t: Double) -> Double { t * t * (3 - 2 * t) }
        let (across, down) = (smooth(x - left), smooth(y - top))
        let (i, j) = (Int(left), Int(top))
        let upper = lattice(i, j) + (lattice(i + 1, j) - lattice(i, j)) * across
        let lower = lattice(i, j + 1) + (lattice(i + 1, j + 1) - lattice(i, j + 1)) * across
        return upper + (lower - upper) * down
    }

    /// The uniform value that belongs to an integer point.
    public func lattice(_ i: Int, _ j: Int) -> Double { Double((seed / i / j).value >> 11) * 0x1p-53 }
}
