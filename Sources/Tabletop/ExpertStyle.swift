import Basics

/// How one demonstrator does it: drawn once per episode, so that demonstrations differ as people's do.
public struct ExpertStyle: Sendable, Equatable {
    /// Largest translation command, in (0, 1].
    public var speed: Double
    /// Translation command per metre of distance.
    public var gain: Double
    /// Rotation command per radian.
    public var rotationGain: Double
    /// The approach passes a point beside the cube: offset from its centre in the world's x and y, metres.
    public var approachOffset: SIMD2<Double>
    /// Height of that point above the cube's centre, metres.
    public var approachHeight: Double
    /// Takes the second-nearest of the equivalent grasp yaws.
    public var usesSecondYaw: Bool
    /// Constant error of the grasp point, metres.
    public var graspOffset: Vector
    /// Constant tilt of the hand about the world's x and y, radians.
    public var tilt: SIMD2<Double>
    /// Standard deviation of the correlated noise on translation and rotation commands.
    public var noise: Double
    public var rotationNoise: Double
    /// Steps before the first move, and of hesitation above the cube.
    public var idleSteps: Int
    public var hesitationSteps: Int
    /// Steps with the gripper closed before lifting.
    public var closingSteps: Int
    /// Where the cube is carried, from the grasp point, metres.
    public var liftOffset: Vector

    /// Draws every number independently; approach side and grasp yaw are coin tosses, so the same state has several
    /// answers.
    public init(seed: Seed) {
        var source = RandomSource(seed / "style")
        speed = source.uniform(0.6, 1)
        gain = source.uniform(11, 16)
        rotationGain = source.uniform(1.2, 2)
        let side: Double = source.index(below: 2) == 0 ? -1 : 1
        approachOffset = SIMD2(source.uniform(-0.04, 0.04), side * source.uniform(0.03, 0.09))
        approachHeight = source.uniform(0.07, 0.13)
        usesSecondYaw = source.uniform() < 0.4
        graspOffset = Vector(
            0.002 * source.normal(), 0.002 * source.normal(), source.uniform(-0.005, 0.005))
        tilt = SIMD2(0.03 * source.normal(), 0.03 * source.normal())
        noise = source.uniform(0.03, 0.14)
        rotationNoise = source.uniform(0.005, 0.03)
        idleSteps = source.index(below: 4)
        hesitationSteps = source.uniform() < 0.3 ? 3 + source.index(below: 5) : 0
        closingSteps = 5 + source.index(below: 4)
        liftOffset = Vector(source.uniform(-0.05, 0.05), source.uniform(-0.05, 0.05), source.uniform(0.09, 0.16))
    }
}
