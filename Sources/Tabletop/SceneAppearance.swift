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

    public var cubeColor = RGBColor(196, 30, 36)
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
