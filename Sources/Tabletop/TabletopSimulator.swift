import Basics

/// A small kinematic simulator of a gripper, a table and cubes, at 20 control steps per second.
///
/// It is deterministic: the same state and actions give the same states bit for bit. An action has seven numbers,
/// clipped to [-1, 1], with the meaning of robosuite's OSC_POSE controller in delta mode:
/// - 0 ..< 3: the goal of the grip site is its position plus 0.05 m times these, in the world's frame;
/// - 3 ..< 6: the goal of the hand's orientation is the present one turned by 0.5 rad times this axis-angle vector;
/// - 6: each finger moves at 0.12 m/s times this, +1 closes.
///
/// The hand follows its goal as a critically damped spring with stiffness 150 1/s² (robosuite's kp), integrated with
/// semi-implicit Euler in 5 substeps. A constant action of 1 ends at 0.272 m/s, 1.36 cm per step; no action makes an axis
/// faster than 0.05 · √150 / 2 = 0.306 m/s. The hand stays in the task's workspace box and within 0.8 rad of straight down.
/// The rules of contact are in `TabletopSimulator+Contact.swift` and `TabletopSimulator+Obstacles.swift`.
public struct TabletopSimulator: Sendable {
    /// Control steps per second.
    public static let controlFrequency = 20.0
    public static let actionDimension = 7
    static let substeps = 5
    static let substep = 1 / (controlFrequency * Double(substeps))
    static let stiffness = 150.0
    static let positionScale = 0.05
    static let rotationScale = 0.5
    static let fingerSpeed = 0.12

    public struct Outcome: Sendable, Equatable {
        /// 1 when the task is done after this step, else 0.
        public var reward: Double
        public var isSuccess: Bool
    }

    public let task: any TabletopTask
    public internal(set) var state: TabletopState
    let solids: [Fixture]
    private let workspaceHigh: Vector

    public init(task: any TabletopTask, state: TabletopState) {
        self.task = task
        solids = task.fixtures.filter(\.isSolid)
        workspaceHigh = task.workspaceHigh
        self.state = state
    }

    public init(task: any TabletopTask, seed: Seed) { self.init(task: task, state: task.initialState(seed: seed)) }

    /// Starts a new episode; the same seed gives the same start.
    public mutating func reset(seed: Seed) { state = task.initialState(seed: seed) }

    /// Advances by one control step (50 ms). `action` is [7].
    @discardableResult
    public mutating func step(_ action: [Double]) -> Outcome {
        precondition(action.count == Self.actionDimension, "action of \(action.count) numbers, expected 7")
        precondition(action.allSatisfy(\.isFinite), "action \(action) is not finite")
        let command = action.map { min(max($0, -1), 1) }
        let positionGoal = (state.position + Self.positionScale * Vector(command[0], command[1], command[2]))
            .clamped(lowerBound: TabletopGeometry.workspaceLow, upperBound: workspaceHigh)
        let orientationGoal =
            Quaternion(rotation: Self.rotationScale * Vector(command[3], command[4], command[5])) * state.orientation
        for _ in 0..<Self.substeps {
            let before = state
            moveHand(to: positionGoal, orientationGoal)
            state.fingerPosition -= Self.fingerSpeed * command[6] * Self.substep
            state.fingerPosition = min(max(state.fingerPosition, 0), TabletopGeometry.fingerTravel)
            keepHandOut(before)
            resolveContacts()
            separateCubes(before)
        }
        state.stepCount += 1
        let isSuccess = task.isSuccess(state)
        return Outcome(reward: isSuccess ? 1 : 0, isSuccess: isSuccess)
    }

    private mutating func moveHand(to positionGoal: Vector, _ orientationGoal: Quaternion) {
        let damping = 2 * Self.stiffness.squareRoot()
        state.velocity +=
            Self.substep * (Self.stiffness * (positionGoal - state.position) - damping * state.velocity)
        state.position += Self.substep * state.velocity
        for axis in 0..<3 {
            let low = TabletopGeometry.workspaceLow[axis], high = workspaceHigh[axis]
            guard state.position[axis] < low || state.position[axis] > high else { continue }
            state.position[axis] = min(max(state.position[axis], low), high)
            state.velocity[axis] = 0
        }

        let error = (orientationGoal * state.orientation.inverse).rotationVector
        state.angularVelocity += Self.substep * (Self.stiffness * error - damping * state.angularVelocity)
        let turn = Quaternion(rotation: Self.substep * state.angularVelocity)
        state.orientation = (turn * state.orientation).normalized
        let excess = state.tilt - TabletopGeometry.largestTilt
        if excess > 0 {
            let axis = state.orientation.rotated(Vector(0, 0, 1)).cross(Vector(0, 0, -1))
            let back = Quaternion(rotation: axis * (excess / axis.length))
            state.orientation = (back * state.orientation).normalized
            state.angularVelocity = Vector()
        }
    }
}

/// Observations under robosuite's and robomimic's keys.
extension TabletopSimulator {
    /// Low-dimensional keys in the order of `observation()`.
    public static let observationKeys = ["robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos", "object"]

    /// By key: `robot0_eef_pos` (3, the grip site in metres), `robot0_eef_quat` (4, xyzw), `robot0_gripper_qpos` (2,
    /// mirrored), `object` (10 per cube: position 3, orientation 4, cube minus grip site 3).
    public func observation() -> [String: [Double]] {
        [
            "robot0_eef_pos": state.position.array,
            "robot0_eef_quat": state.orientation.components,
            "robot0_gripper_qpos": [state.fingerPosition, -state.fingerPosition],
            "object": state.cubes.flatMap {
                $0.position.array + $0.orientation.components + ($0.position - state.position).array
            },
        ]
    }
}
