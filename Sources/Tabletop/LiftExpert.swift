import Basics
import Foundation

/// Approaches beside the cube, hovers above it, descends, closes, lifts. Starts in the phase that fits the state it is
/// given, and starts over when it loses the cube.
public struct LiftExpert: TabletopExpert {
    enum Phase: Equatable { case idle, approach, hesitate, hover, descend, close, lift }

    public let style: ExpertStyle
    private(set) var phase: Phase
    private var stepsInPhase = 0
    private var yaw: Double
    private var graspPoint: Vector
    private var source: RandomSource
    private var noise = Vector()
    private var rotationNoise = Vector()

    public init(at state: TabletopState, style: ExpertStyle, seed: Seed) {
        self.style = style
        source = RandomSource(seed / "noise")
        phase = Self.phase(fitting: state)
        yaw = Self.graspYaw(state, second: style.usesSecondYaw && [.idle, .approach].contains(phase))
        graspPoint = phase == .lift ? state.position : state.cubes[0].position + style.graspOffset
    }

    public mutating func action(at state: TabletopState) -> [Double] {
        advance(state)
        stepsInPhase += 1
        var noiseShare: Double, speedShare = 1.0, close = -1.0
        let target: Vector
        let cube = state.cubes[0].position
        switch phase {
        case .idle: (target, noiseShare) = (state.position, 0.3)
        case .approach: (target, noiseShare) = (approachPoint(cube), 1)
        case .hesitate: (target, noiseShare) = (state.position, 0.5)
        case .hover: (target, noiseShare) = (cube + style.graspOffset + Vector(0, 0, 0.045), 0.6)
        case .descend: (target, noiseShare, speedShare) = (cube + style.graspOffset, 0.35, 0.6)
        case .close: (target, noiseShare, close) = (graspPoint, 0.2, 1)
        case .lift: (target, noiseShare, close) = (graspPoint + style.liftOffset, 0.7, 1)
        }
        let isWaiting = phase == .idle || phase == .hesitate
        let command = limited((target - state.position) * style.gain, to: style.speed * speedShare)
        let turn = isWaiting ? Vector() : limited(orientationError(state) * style.rotationGain, to: 0.6)
        noise = correlated(noise, style.noise)
        rotationNoise = correlated(rotationNoise, style.rotationNoise)
        let translation = command + noiseShare * noise, rotation = turn + noiseShare * rotationNoise
        return (translation.array + rotation.array + [close]).map { min(max($0, -1), 1) }
    }

    /// Ornstein-Uhlenbeck noise of standard deviation `deviation` (0.8² + 0.6² = 1).
    private mutating func correlated(_ last: Vector, _ deviation: Double) -> Vector {
        0.8 * last + 0.6 * deviation * Vector(source.normal(), source.normal(), source.normal())
    }

    private func limited(_ vector: Vector, to limit: Double) -> Vector {
        vector.largestMagnitude > limit ? vector * (limit / vector.largestMagnitude) : vector
    }

    private func approachPoint(_ cube: Vector) -> Vector {
        cube + Vector(style.approachOffset.x, style.approachOffset.y, style.approachHeight)
    }

    private func orientationError(_ state: TabletopState) -> Vector {
        let goal =
            Quaternion(yaw: yaw) * Quaternion(rotation: Vector(style.tilt.x, style.tilt.y, 0)) * TabletopState.handDown
        return (goal * state.orientation.inverse).rotationVector
    }

    /// Moves on to the next phase, at most through all of them once.
    private mutating func advance(_ state: TabletopState) {
        let cube = state.cubes[0].position
        let misalignment = orientationError(state).length
        func distance(_ point: Vector) -> Double { (point - state.position).length }
        func enter(_ next: Phase) { (phase, stepsInPhase) = (next, 0) }
        if phase == .idle && stepsInPhase >= style.idleSteps { enter(.approach) }
        if phase == .approach && distance(approachPoint(cube)) < 0.03 && misalignment < 0.6 { enter(.hesitate) }
        if phase == .hesitate && stepsInPhase >= style.hesitationSteps { enter(.hover) }
        if phase == .hover && distance(cube + style.graspOffset + Vector(0, 0, 0.045)) < 0.013 && misalignment < 0.1 {
            enter(.descend)
        }
        if phase == .descend && distance(cube + style.graspOffset) < 0.008 && misalignment < 0.12 {
            graspPoint = state.position
            enter(.close)
        }
        if phase == .close && stepsInPhase >= style.closingSteps {
            graspPoint = state.position
            enter(state.grasp == nil ? .approach : .lift)
        }
        if phase == .lift && state.grasp == nil {
            yaw = Self.graspYaw(state, second: false)
            enter(.approach)
        }
    }

    /// The phase in which a demonstrator who stands at `state` would be.
    static func phase(fitting state: TabletopState) -> Phase {
        if state.grasp != nil { return .lift }
        let offset = state.position - state.cubes[0].position
        let across = (offset.x * offset.x + offset.y * offset.y).squareRoot()
        let misalignment = wrapped(state.cubes[0].orientation.yaw - state.orientation.yaw, period: Double.pi / 2)
        guard across < 0.02, abs(misalignment) < 0.2 else {
            if state.stepCount == 0 { return .idle }
            return across < 0.05 && offset.z > 0.03 ? .hover : .approach
        }
        if across < 0.01 && offset.z < 0.012 { return .close }
        return offset.z < 0.06 ? .descend : .hover
    }

    /// The hand's yaw for a grasp: the cube looks the same every 90°, so the nearest one, or the next best on the side
    /// that leaves the wrist less twisted.
    static func graspYaw(_ state: TabletopState, second: Bool) -> Double {
        let hand = state.orientation.yaw
        let near = hand + wrapped(state.cubes[0].orientation.yaw - hand, period: Double.pi / 2)
        guard second else { return near }
        return abs(near - Double.pi / 2) < abs(near + Double.pi / 2) ? near - Double.pi / 2 : near + Double.pi / 2
    }
}

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
