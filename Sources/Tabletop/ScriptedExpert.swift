import Basics
import Foundation

/// Approaches beside the cube, hovers above it, descends, closes, and carries it as the task says. Starts in the phase
/// that fits the state it is given, and starts over when it loses the cube. It remembers its phase, so it is asked once
/// per control step.
public struct ScriptedExpert {
    enum Phase: Equatable { case idle, approach, hesitate, hover, descend, close, carry }

    /// Further steps with the gripper closed until a demonstrator notices that it holds nothing.
    private static let noticingSteps = 3

    public let style: ExpertStyle
    private let task: any TabletopTask
    private(set) var phase: Phase
    private var stepsInPhase = 0
    private var yaw: Double
    private var graspPoint: Vector
    /// What is left of the way; the first is the present one.
    private var legs: [CarryLeg] = []
    /// Until the first grasp has missed.
    private var miss: Double?
    private var source: RandomSource
    private var noise = Vector()
    private var rotationNoise = Vector()

    public init(_ task: any TabletopTask, at state: TabletopState, style: ExpertStyle, seed: Seed) {
        self.style = style
        self.task = task
        source = RandomSource(seed / "noise")
        phase = Self.phase(fitting: state, task)
        yaw = Self.graspYaw(state, second: style.usesSecondYaw && [.idle, .approach].contains(phase))
        graspPoint = phase == .carry ? state.position : state.cubes[0].position + style.graspOffset
        miss = phase == .idle ? style.miss : nil
        if phase == .carry { legs = task.carry(from: state, style: style) }
    }

    /// Seven numbers in [-1, 1]; see `TabletopSimulator.step`.
    public mutating func action(at state: TabletopState) -> [Double] {
        advance(state)
        stepsInPhase += 1
        var noiseShare: Double, speedShare = 1.0, close = -1.0
        let target: Vector
        switch phase {
        case .idle: (target, noiseShare) = (state.position, 0.3)
        case .approach: (target, noiseShare) = (approachPoint(state), 1)
        case .hesitate: (target, noiseShare) = (state.position, 0.5)
        case .hover: (target, noiseShare) = (graspGoal(state) + Vector(0, 0, 0.045), 0.6)
        case .descend: (target, noiseShare, speedShare) = (graspGoal(state), 0.35, 0.6)
        case .close: (target, noiseShare, close) = (graspPoint, 0.2, 1)
        case .carry: (target, noiseShare, close) = (legs[0].target, legs[0].noiseShare, legs[0].isHolding ? 1 : -1)
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

    private func approachPoint(_ state: TabletopState) -> Vector {
        let offset = task.approachOffset(style)
        return state.cubes[0].position + Vector(offset.x, offset.y, style.approachHeight)
    }

    /// Where the fingers close: at the cube, or beside it along the hand's x axis.
    private func graspGoal(_ state: TabletopState) -> Vector {
        let goal = state.cubes[0].position + style.graspOffset
        return miss.map { goal + $0 * Vector(cos(yaw), sin(yaw), 0) } ?? goal
    }

    private func orientationError(_ state: TabletopState) -> Vector {
        let goal =
            Quaternion(yaw: yaw) * Quaternion(rotation: Vector(style.tilt.x, style.tilt.y, 0)) * TabletopState.handDown
        return (goal * state.orientation.inverse).rotationVector
    }

    /// Moves on to the next phase, at most through all of them once.
    private mutating func advance(_ state: TabletopState) {
        let misalignment = orientationError(state).length, holds = state.grasp?.cube == 0
        func distance(_ point: Vector) -> Double { (point - state.position).length }
        func enter(_ next: Phase) { (phase, stepsInPhase) = (next, 0) }
        if phase == .idle && stepsInPhase >= style.idleSteps { enter(.approach) }
        if phase == .approach && distance(approachPoint(state)) < 0.03 && misalignment < 0.6 { enter(.hesitate) }
        if phase == .hesitate && stepsInPhase >= style.hesitationSteps { enter(.hover) }
        if phase == .hover && distance(graspGoal(state) + Vector(0, 0, 0.045)) < 0.013 && misalignment < 0.1 {
            enter(.descend)
        }
        // A grasp that misses may come down on something else: it closes there.
        let isStuck = miss != nil && stepsInPhase >= 20
        if phase == .descend && (isStuck || distance(graspGoal(state)) < 0.008 && misalignment < 0.12) {
            graspPoint = state.position
            enter(.close)
        }
        if phase == .close && stepsInPhase >= style.closingSteps + (miss == nil ? 0 : Self.noticingSteps) {
            graspPoint = state.position
            miss = nil
            if holds { legs = task.carry(from: state, style: style) }
            enter(holds ? .carry : .approach)
        }
        if phase == .carry {
            while legs.count > 1 && legs[0].isOver(distance: distance(legs[0].target), steps: stepsInPhase) {
                legs.removeFirst()
                stepsInPhase = 0
            }
            let isLost = legs[0].isHolding ? !holds : stepsInPhase > CarryLeg.patience && !task.isSuccess(state)
            if isLost {
                yaw = Self.graspYaw(state, second: false)
                enter(.approach)
            }
        }
    }

    /// The phase in which a demonstrator who stands at `state` would be.
    private static func phase(fitting state: TabletopState, _ task: any TabletopTask) -> Phase {
        if let grasp = state.grasp { return grasp.cube == 0 ? .carry : .approach }
        if task.endsReleased && task.isSuccess(state) { return .carry }
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

/// One stretch of the way with the cube in the hand, or after letting it go.
public struct CarryLeg: Sendable, Equatable {
    /// Where the grip site goes.
    public var target: Vector
    /// Of the style's noise.
    public var noiseShare: Double
    /// False: the fingers open.
    public var isHolding: Bool
    /// Over when the grip site is as near as this, metres; nil: never by nearness. The last leg goes on for ever.
    public var tolerance: Double?
    /// Over after so many steps; nil: never by time.
    public var steps: Int?

    /// Steps after which a cube that was let go and is not where it belongs is fetched again.
    static let patience = 12

    public init(to target: Vector, noiseShare: Double, isHolding: Bool = true, tolerance: Double? = nil, steps: Int? = nil) {
        self.target = target
        self.noiseShare = noiseShare
        self.isHolding = isHolding
        self.tolerance = tolerance
        self.steps = steps
    }

    func isOver(distance: Double, steps taken: Int) -> Bool {
        tolerance.map { distance < $0 } ?? false || steps.map { taken >= $0 } ?? false
    }
}
