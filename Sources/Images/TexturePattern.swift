import Basics
import Foundation

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
