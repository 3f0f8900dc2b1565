import Basics

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

/// The `states` rows of the recorded file.
///
/// Row: time in seconds, position 3, orientation 4 (xyzw), velocity 3, angular velocity 3, finger position, index of
/// the held cube (-1 for none), its position 3 and orientation 4 in the hand, then for every cube position 3,
/// orientation 4, vertical speed.
extension TabletopState {
    static let fixedWidth = 23
    static let cubeWidth = 8

    public var flat: [Double] {
        var row = [Double(stepCount) / TabletopSimulator.controlFrequency]
        row += position.array + orientation.components + velocity.array + angularVelocity.array + [fingerPosition]
        row += [Double(grasp?.cube ?? -1)]
        row += (grasp?.position ?? Vector()).array + (grasp?.orientation ?? .identity).components
        for cube in cubes { row += cube.position.array + cube.orientation.components + [cube.verticalSpeed] }
        return row
    }

    /// Restores the state of a recorded row exactly.
    /// - Throws: `Failure` of kind `data` when the row has another width, a value that is not finite or a held cube
    ///   that does not exist.
    public init(flat row: [Double]) throws {
        let cubeCount = (row.count - Self.fixedWidth) / Self.cubeWidth
        guard row.count >= Self.fixedWidth, row.count == Self.fixedWidth + cubeCount * Self.cubeWidth,
            row.allSatisfy(\.isFinite), row[15] >= -1, row[15] < Double(cubeCount), abs(row[0]) < 1e9
        else {
            throw Failure(
                .data, "a row is not a state of the tabletop simulator",
                expected: "\(Self.fixedWidth) + \(Self.cubeWidth) x cubes finite numbers", found: "\(row)",
                remedy: "use the states of a file that this simulator wrote")
        }
        func vector(_ i: Int) -> Vector { Vector(row[i], row[i + 1], row[i + 2]) }
        func quaternion(_ i: Int) -> Quaternion { Quaternion(x: row[i], y: row[i + 1], z: row[i + 2], w: row[i + 3]) }
        self.init(
            position: vector(1), orientation: quaternion(4), fingerPosition: row[14],
            cubes: (0..<cubeCount).map {
                let i = Self.fixedWidth + $0 * Self.cubeWidth
                return Cube(position: vector(i), orientation: quaternion(i + 3), verticalSpeed: row[i + 7])
            })
        stepCount = Int((row[0] * TabletopSimulator.controlFrequency).rounded())
        velocity = vector(8)
        angularVelocity = vector(11)
        if row[15] >= 0 { grasp = Grasp(cube: Int(row[15]), position: vector(16), orientation: quaternion(19)) }
    }
}

extension SIMD3<Double> {
    var array: [Double] { [x, y, z] }
}
