/// Everything that determines the future of the simulation. Positions in metres, angles in radians.
public struct TabletopState: Sendable, Equatable {
    public struct Cube: Sendable, Equatable {
        public var position: Vector
        public var orientation: Quaternion
        /// Vertical speed of a falling cube, metres per second (0 at rest and in the hand).
        public var verticalSpeed: Double

        public init(position: Vector, orientation: Quaternion, verticalSpeed: Double = 0) {
            self.position = position
            self.orientation = orientation
            self.verticalSpeed = verticalSpeed
        }
    }

    /// A cube in the hand: which one, and its pose in the hand's frame.
    public struct Grasp: Sendable, Equatable {
        public var cube: Int
        public var position: Vector
        public var orientation: Quaternion
    }

    /// Control steps since the reset.
    public var stepCount: Int
    /// The grip site between the finger pads.
    public var position: Vector
    /// The hand: x forward, y along the finger axis, z the approach direction (down at rest).
    public var orientation: Quaternion
    public var velocity: Vector
    public var angularVelocity: Vector
    /// Distance of each finger's inner face from the middle, in [0, 0.04].
    public var fingerPosition: Double
    public var cubes: [Cube]
    public var grasp: Grasp?

    public init(position: Vector, orientation: Quaternion, fingerPosition: Double, cubes: [Cube]) {
        stepCount = 0
        self.position = position
        self.orientation = orientation
        velocity = Vector()
        angularVelocity = Vector()
        self.fingerPosition = fingerPosition
        self.cubes = cubes
        grasp = nil
    }

    /// Pointing straight down with the finger axis along the world's y.
    public static let handDown = Quaternion(x: 1, y: 0, z: 0, w: 0)
}
