import Basics
import Foundation

/// A simple picture of a cat or a dog, as a face or whole, in front of a varied background.
struct AnimalDrawing {
    enum Species { case cat, dog }
    typealias Point = Canvas.Point

    let species: Species
    private let seed: Seed
    private let coat: RGBColor
    private let coatShade: RGBColor
    private let patch: RGBColor
    private let iris: RGBColor
    private let isMarked: Bool

    init(_ species: Species, seed: Seed) {
        self.species = species
        self.seed = seed
        var source = RandomSource(seed / "coat")
        let coats: [RGBColor] =
            species == .cat
            ? [.init(226, 140, 60), .init(120, 120, 126), .init(52, 48, 50), .init(236, 224, 206), .init(150, 104, 70)]
            : [.init(178, 122, 66), .init(96, 62, 40), .init(228, 206, 160), .init(58, 54, 54), .init(240, 236, 228)]
        coat = coats[source.index(below: coats.count)].mixed(
            with: RGBColor(hue: source.uniform(0.04, 0.12), saturation: 0.5, value: 0.7), source.uniform(0, 0.25))
        coatShade = coat.scaled(by: 0.72)
        patch = coat.mixed(with: .white, 0.65)
        let eyes: [RGBColor] =
            species == .cat ? [.init(120, 190, 70), .init(230, 190, 60), .init(90, 170, 200)] : [.init(92, 56, 30)]
        iris = eyes[source.index(below: eyes.count)]
        isMarked = source.index(below: 2) == 0
    }

    func image(width: Int, height: Int) -> RGBImage {
        var source = RandomSource(seed / "pose")
        var canvas = Canvas(width: width, height: height, background: .grey)
        paintBackground(&canvas, &source)
        canvas.mirrored = source.index(below: 2) == 0
        canvas.turn = source.uniform(-0.15, 0.15)
        canvas.center = Point(source.uniform(-0.12, 0.12), source.uniform(-0.1, 0.1))
        let isFace = source.uniform() < 0.45
        canvas.scale = isFace ? source.uniform(0.75, 1) : source.uniform(0.8, 0.95)
        let head: (center: Point, size: Double)
        if isFace {
            head = (Point(0, -0.08), 0.62)
        } else if species == .cat {
            drawSittingCat(&canvas, tailHeight: source.uniform(-0.1, 0.5))
            head = (Point(0.02, 0.3), 0.36)
        } else {
            drawStandingDog(&canvas, tailHeight: source.uniform(0.2, 0.55))
            head = (Point(0.5, 0.36), 0.33)
        }
        let gaze = Point(source.uniform(-0.05, 0.05), source.uniform(-0.03, 0.03))
        switch species {
        case .cat: drawCatHead(&canvas, head.center, head.size, gaze)
        case .dog: drawDogHead(&canvas, head.center, head.size, gaze, tongue: source.uniform() < 0.6)
        }
        return canvas.finished
    }

    private func paintBackground(_ canvas: inout Canvas, _ source: inout RandomSource) {
        let hue = source.uniform()
        let (upper, lower): (RGBColor, RGBColor)
        switch source.index(below: 4) {
        case 0: (upper, lower) = (.init(150, 200, 240), .init(96, 160, 70))  // sky and grass
        case 1:  // wall and floor
            (upper, lower) = (.init(hue: hue, saturation: 0.25, value: 0.85), .init(150, 110, 76))
        case 2:  // one colour
            upper = .init(hue: hue, saturation: 0.5, value: 0.8)
            lower = upper
        default:  // a cushion in a dark room
            (upper, lower) = (.init(60, 56, 70), .init(hue: hue, saturation: 0.6, value: 0.55))
        }
        let horizon = source.uniform(-0.5, 0), noise = ValueNoise(seed: seed / "background")
        canvas.paint { point in
            (point.y > horizon ? upper : lower).scaled(by: 0.9 + 0.2 * noise.value(6 * point.x, 14 * point.y))
        }
    }

    private func drawSittingCat(_ canvas: inout Canvas, tailHeight: Double) {
        canvas.stroke(
            Canvas.curve(Point(0.3, -0.75), Point(0.85, -0.75), Point(0.7, tailHeight)), start: 0.16, end: 0.1, coatShade)
        canvas.ellipse(Point(0, -0.38), Point(0.4, 0.5), coat)
        canvas.ellipse(Point(0, -0.3), Point(0.2, 0.36), patch)
        for side in [-1.0, 1] {
            canvas.ellipse(Point(0.32 * side, -0.68), Point(0.2, 0.22), coatShade)
            canvas.stroke([Point(0.13 * side, -0.35), Point(0.13 * side, -0.8)], start: 0.17, coat)
            canvas.ellipse(Point(0.14 * side, -0.84), Point(0.13, 0.08), patch)
        }
        guard isMarked else { return }
        for stripe in 0..<3 {
            let y = -0.2 - 0.18 * Double(stripe)
            for side in [-1.0, 1] {
                canvas.stroke([Point(0.37 * side, y), Point(0.24 * side, y - 0.03)], start: 0.06, coatShade)
            }
        }
    }

    private func drawStandingDog(_ canvas: inout Canvas, tailHeight: Double) {
        canvas.stroke(
            Canvas.curve(Point(-0.6, -0.1), Point(-0.85, 0.1), Point(-0.8, tailHeight)), start: 0.13, end: 0.07, coat)
        for (x, color) in [(-0.42, coatShade), (0.22, coatShade), (-0.58, coat), (0.38, coat)] {
            canvas.stroke([Point(x, -0.25), Point(x, -0.82)], start: 0.17, end: 0.13, color)
            canvas.ellipse(Point(x + 0.04, -0.86), Point(0.11, 0.06), color)
        }
        canvas.ellipse(Point(-0.1, -0.2), Point(0.6, 0.27), coat)
        canvas.stroke([Point(0.3, -0.1), Point(0.46, 0.25)], start: 0.34, coat)
        canvas.stroke([Point(0.24, 0.1), Point(0.58, 0.0)], start: 0.07, RGBColor(190, 40, 40))
        guard isMarked else { return }
        canvas.ellipse(Point(-0.2, -0.08), Point(0.2, 0.14), angle: 0.2, coatShade)
    }

    private func drawCatHead(_ canvas: inout Canvas, _ center: Point, _ size: Double, _ gaze: Point) {
        func at(_ x: Double, _ y: Double) -> Point { center + size * Point(x, y) }
        for side in [-1.0, 1] {
            canvas.polygon([at(0.92 * side, 0.25), at(0.85 * side, 1.35), at(0.18 * side, 0.75)], coat)
            canvas.polygon([at(0.78 * side, 0.5), at(0.77 * side, 1.1), at(0.38 * side, 0.75)], .init(232, 160, 160))
        }
        canvas.ellipse(at(0, 0), size * Point(1, 0.86), coat)
        if isMarked {
            for x in [-0.22, 0, 0.22] { canvas.stroke([at(x, 0.8), at(x * 0.8, 0.48)], start: 0.09 * size, coatShade) }
        }
        for side in [-1.0, 1] {
            canvas.ellipse(at(0.42 * side, 0.12), size * Point(0.23, 0.19), .init(250, 250, 240))
            canvas.ellipse(at(0.42 * side + gaze.x, 0.12 + gaze.y), size * Point(0.19, 0.18), iris)
            canvas.ellipse(at(0.42 * side + gaze.x, 0.12 + gaze.y), size * Point(0.06, 0.17), .black)
            canvas.ellipse(at(0.19 * side, -0.36), size * Point(0.25, 0.2), patch)
            for slope in [-0.16, 0.0, 0.16] {
                canvas.stroke(
                    [at(0.3 * side, -0.34 + slope / 2), at(1.25 * side, -0.3 + 1.4 * slope)], start: 0.035 * size,
                    patch.mixed(with: .white, 0.6))
            }
        }
        canvas.polygon([at(-0.13, -0.14), at(0.13, -0.14), at(0, -0.3)], .init(220, 120, 130))
        canvas.stroke([at(0, -0.28), at(0, -0.42)], start: 0.04 * size, coatShade)
        for side in [-1.0, 1] {
            canvas.stroke(
                Canvas.curve(at(0, -0.42), at(0.12 * side, -0.54), at(0.28 * side, -0.44)), start: 0.045 * size,
                coatShade.scaled(by: 0.6))
        }
    }

    private func drawDogHead(
        _ canvas: inout Canvas, _ center: Point, _ size: Double, _ gaze: Point, tongue: Bool
    ) {
        func at(_ x: Double, _ y: Double) -> Point { center + size * Point(x, y) }
        canvas.ellipse(at(0, 0.1), size * Point(0.82, 0.86), coat)
        if isMarked { canvas.ellipse(at(0.38, 0.25), size * Point(0.34, 0.4), coatShade) }
        for side in [-1.0, 1] {
            canvas.ellipse(at(0.86 * side, 0.02), size * Point(0.27, 0.68), angle: 0.22 * side, coatShade.scaled(by: 0.85))
        }
        if tongue { canvas.ellipse(at(0.04, -0.82), size * Point(0.17, 0.28), .init(232, 110, 120)) }
        canvas.ellipse(at(0, -0.4), size * Point(0.48, 0.42), patch)
        for side in [-1.0, 1] {
            canvas.ellipse(at(0.36 * side, 0.28), size * Point(0.16, 0.17), .white)
            canvas.ellipse(at(0.36 * side + gaze.x, 0.26 + gaze.y), size * Point(0.13, 0.14), iris)
            canvas.ellipse(at(0.36 * side + gaze.x, 0.26 + gaze.y), size * Point(0.08, 0.09), .black)
            canvas.ellipse(at(0.36 * side + gaze.x + 0.04, 0.31 + gaze.y), size * Point(0.03, 0.03), .white)
            canvas.stroke(
                Canvas.curve(at(0, -0.5), at(0.14 * side, -0.72), at(0.34 * side, -0.56)), start: 0.055 * size,
                .init(50, 34, 30))
        }
        canvas.ellipse(at(0, -0.2), size * Point(0.21, 0.15), .init(28, 24, 26))
        canvas.ellipse(at(-0.06, -0.15), size * Point(0.06, 0.03), .init(120, 116, 120))
        canvas.stroke([at(0, -0.3), at(0, -0.52)], start: 0.05 * size, .init(50, 34, 30))
    }
}
