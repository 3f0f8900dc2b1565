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
    /// Where the cube is lifted to, from the grasp point, metres.
    public var liftOffset: Vector
    /// Where on the goal the cube is brought, from its middle, metres.
    public var goalOffset: SIMD2<Double>
    /// How wide a berth an obstacle gets, 0 the least and 1 the most.
    public var berth: Double
    /// Passes an obstacle on the left, seen in the direction of travel.
    public var passesLeft: Bool
    /// A first grasp that misses: how far beside the cube's middle the fingers close, along the hand's x axis, metres.
    public var miss: Double?

    /// Draws every number independently; approach side, grasp yaw and the side of an obstacle are coin tosses, so the
    /// same state has several answers.
    ///
    /// `options.noise` scales what is not a choice: 0 leaves the mean speed, gains, heights and offsets, the nearest grasp
    /// yaw, no waiting, no tilt and no noise on commands; the sides remain coin tosses. 1 is a person's share.
    public init(seed: Seed, options: ExpertOptions = ExpertOptions()) {
        let share = options.noise
        var source = RandomSource(seed / "style")
        // With a share of 1 exactly the draw, bit for bit.
        func around(_ mean: Double, _ draw: Double) -> Double { mean * (1 - share) + share * draw }
        func steps(_ draw: Int) -> Int { Int((share * Double(draw)).rounded()) }
        speed = min(around(0.8, source.uniform(0.6, 1)), 1)
        gain = around(13.5, source.uniform(11, 16))
        rotationGain = around(1.6, source.uniform(1.2, 2))
        let side: Double = source.index(below: 2) == 0 ? -1 : 1
        approachOffset = SIMD2(
            around(0, source.uniform(-0.04, 0.04)), side * max(around(0.06, source.uniform(0.03, 0.09)), 0.02))
        approachHeight = around(0.1, source.uniform(0.07, 0.13))
        usesSecondYaw = source.uniform() < 0.4 * share
        graspOffset = Vector(
            around(0, 0.002 * source.normal()), around(0, 0.002 * source.normal()), around(0, source.uniform(-0.005, 0.005)))
        tilt = SIMD2(around(0, 0.03 * source.normal()), around(0, 0.03 * source.normal()))
        noise = share * source.uniform(0.03, 0.14)
        rotationNoise = share * source.uniform(0.005, 0.03)
        idleSteps = steps(source.index(below: 4))
        hesitationSteps = source.uniform() < 0.3 ? steps(3 + source.index(below: 5)) : 0
        closingSteps = 5 + steps(source.index(below: 4))
        liftOffset = Vector(
            around(0, source.uniform(-0.05, 0.05)), around(0, source.uniform(-0.05, 0.05)),
            around(0.125, source.uniform(0.09, 0.16)))
        // Streams of their own, so that the draws above are the same for every task and option.
        source = RandomSource(seed / "carry")
        passesLeft = source.index(below: 2) == 0
        berth = min(max(around(0.5, source.uniform()), 0), 1)
        goalOffset = SIMD2(around(0, source.uniform(-0.015, 0.015)), around(0, source.uniform(-0.015, 0.015)))
        source = RandomSource(seed / "miss")
        let misses = source.uniform() < options.missShare, distance = source.uniform(0.01, 0.03)
        let direction: Double = source.index(below: 2) == 0 ? -1 : 1
        miss = misses ? direction * (TabletopGeometry.cubeHalfSize + distance) : nil
    }
}

/// How the scripted expert differs from the usual one.
public struct ExpertOptions: Sendable, Equatable {
    /// Factor on the noise of commands and on the variation of style; see `ExpertStyle.init`. In [0, 2].
    public var noise = 1.0
    /// Share of episodes in which the first grasp is 1 to 3 cm beside the cube's side and holds nothing: the expert closes,
    /// notices, rises and tries again. In [0, 1].
    public var missShare = 0.0

    public init(noise: Double = 1, missShare: Double = 0) {
        precondition((0...2).contains(noise), "expert noise \(noise), expected 0 to 2")
        precondition((0...1).contains(missShare), "miss share \(missShare), expected 0 to 1")
        self.noise = noise
        self.missShare = missShare
    }
}
