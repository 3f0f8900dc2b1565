import Basics
import Images

/// How the scene looks, apart from the state: everything that may change without the task changing.
public struct SceneAppearance: Sendable, Equatable {
    public enum TableTexture: String, Sendable, CaseIterable {
        case lightWood, darkWood, felt, bricks, checks, plaster
    }

    /// A thing on the table that plays no part.
    public struct Distractor: Sendable, Equatable {
        public enum Shape: String, Sendable, CaseIterable { case box, cylinder, sphere }
        public var shape: Shape
        /// Where it stands on the table, metres.
        public var position: SIMD2<Double>
        public var yaw: Double
        /// Half its width, depth and height, metres.
        public var halfSize: Double
        public var color: RGBColor

        public init(shape: Shape, position: SIMD2<Double>, yaw: Double, halfSize: Double, color: RGBColor) {
            self.shape = shape
            self.position = position
            self.yaw = yaw
            self.halfSize = halfSize
            self.color = color
        }
    }

    /// Of the object, cube 0.
    public var cubeColor = RGBColor(196, 30, 36)
    /// Of every further cube.
    public var otherCubeColor = RGBColor(38, 70, 190)
    public var tableTexture = TableTexture.lightWood
    public var distractors: [Distractor] = []
    /// Moves the fixed camera, metres, and turns it by this rotation vector, radians.
    public var cameraShift = Vector()
    public var cameraTurn = Vector()
    /// Factor on all light, per channel (1 is the usual).
    public var light = SIMD3<Double>(1, 1, 1)

    public init() {}

    public static let standard = SceneAppearance()
}

extension SceneAppearance {
    /// The one respect in which a varied scene differs from the standard one: first what changes the whole picture, then what
    /// changes the things in it.
    public enum Variation: String, Sendable, CaseIterable {
        case light, camera, distractors, cubeColor, tableTexture
    }

    /// The standard scene with one respect drawn anew. Distractors keep 9 cm from each other and from the points of
    /// `avoiding` (positions of cubes), and stand clear of `fixtures`.
    public static func varied(
        _ variation: Variation, seed: Seed, avoiding: [SIMD2<Double>] = [], fixtures: [Fixture] = []
    ) -> SceneAppearance {
        var source = RandomSource(seed / variation.rawValue)
        var appearance = SceneAppearance.standard
        switch variation {
        case .cubeColor:
            // Hues away from the standard red.
            appearance.cubeColor = RGBColor(
                hue: source.uniform(0.1, 0.9), saturation: source.uniform(0.7, 1), value: source.uniform(0.4, 0.9))
        case .distractors:
            let count = 2 + source.index(below: 4)
            var taken = avoiding
            while appearance.distractors.count < count {
                let position = SIMD2(source.uniform(-0.18, 0.22), source.uniform(-0.26, 0.26))
                let nearest = taken.map { (($0 - position) * ($0 - position)).sum() }.min() ?? .infinity
                // The largest distractor reaches 4.5 cm from its centre.
                guard nearest > 0.09 * 0.09, fixtures.allSatisfy({ $0.distance(to: position) > 0.05 }) else { continue }
                taken.append(position)
                appearance.distractors.append(
                    Distractor(
                        shape: Distractor.Shape.allCases[source.index(below: Distractor.Shape.allCases.count)],
                        position: position, yaw: source.uniform(-Double.pi, Double.pi),
                        halfSize: source.uniform(0.018, 0.032),
                        color: RGBColor(
                            hue: source.uniform(), saturation: source.uniform(0.3, 1), value: source.uniform(0.3, 1))))
            }
        case .camera:
            func shift(_ largest: Double) -> Vector {
                Vector(source.uniform(-largest, largest), source.uniform(-largest, largest), source.uniform(-largest, largest))
            }
            (appearance.cameraShift, appearance.cameraTurn) = (shift(0.06), shift(0.06))
        case .tableTexture:
            let others = TableTexture.allCases.filter { $0 != appearance.tableTexture }
            appearance.tableTexture = others[source.index(below: others.count)]
        case .light:
            let gain = source.index(below: 2) == 0 ? source.uniform(0.4, 0.65) : source.uniform(1.25, 1.5)
            appearance.light = SIMD3(
                gain * source.uniform(0.75, 1), gain * source.uniform(0.75, 1), gain * source.uniform(0.75, 1))
        }
        return appearance
    }
}
