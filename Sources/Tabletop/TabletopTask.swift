import Basics

/// A task on the table: where an episode starts, when it has succeeded, and how a scripted expert does it.
public protocol TabletopTask: Sendable {
    /// Name on the command line, for instance `lift`.
    var name: String { get }
    /// `env_name` in the recorded file.
    var environmentName: String { get }
    /// Control steps after which an attempt of the expert has failed.
    var stepLimit: Int { get }

    /// A random start; the same seed gives the same start.
    func initialState(seed: Seed) -> TabletopState
    func isSuccess(_ state: TabletopState) -> Bool
    /// A controller that goes on from `state`, which may be any state, with its noise drawn from `seed`.
    func expert(at state: TabletopState, style: ExpertStyle, seed: Seed) -> any TabletopExpert
}

/// A controller that sees the whole state. It remembers its phase, so it is asked once per control step.
public protocol TabletopExpert {
    /// Seven numbers in [-1, 1]; see `TabletopSimulator.step`.
    mutating func action(at state: TabletopState) -> [Double]
}

extension TabletopTask {
    /// What the expert would do from `state`: `horizon` actions, found by running a copy of the simulator. [horizon][7]
    public func expertActions(
        from state: TabletopState, horizon: Int, style: ExpertStyle, seed: Seed
    ) -> [[Double]] {
        var simulator = TabletopSimulator(task: self, state: state)
        var expert = expert(at: state, style: style, seed: seed)
        return (0..<horizon).map { _ in
            let action = expert.action(at: simulator.state)
            simulator.step(action)
            return action
        }
    }
}

/// Lift one cube off the table, as in robosuite's Lift.
public struct LiftTask: TabletopTask {
    public let name = "lift"
    public let environmentName = "TabletopLift"
    public let stepLimit = 120

    public init() {}

    /// The hand near (-0.11, 0, 1.0), half open; the cube anywhere in x -0.08 to 0.10, y -0.12 to 0.12, at any yaw.
    public func initialState(seed: Seed) -> TabletopState {
        var source = RandomSource(seed / "start")
        let hand = Vector(
            -0.11 + source.uniform(-0.02, 0.02), source.uniform(-0.03, 0.03), 1.0 + source.uniform(-0.02, 0.02))
        let turn = Vector(source.normal(), source.normal(), source.normal()) * 0.02
        let cube = Vector(
            source.uniform(-0.08, 0.10), source.uniform(-0.12, 0.12),
            TabletopGeometry.tableHeight + TabletopGeometry.cubeHalfSize)
        return TabletopState(
            position: hand, orientation: Quaternion(rotation: turn) * TabletopState.handDown, fingerPosition: 0.0208,
            cubes: [.init(position: cube, orientation: Quaternion(yaw: source.uniform(-Double.pi, Double.pi)))])
    }

    /// The cube's centre is more than 4 cm above the table (robosuite's rule), that is, it is lifted by 2 cm.
    public func isSuccess(_ state: TabletopState) -> Bool {
        state.cubes[0].position.z > TabletopGeometry.tableHeight + 0.04
    }

    public func expert(at state: TabletopState, style: ExpertStyle, seed: Seed) -> any TabletopExpert {
        LiftExpert(at: state, style: style, seed: seed)
    }
}

/// Sizes and limits of the simulated cell, metres and radians. Where robosuite's Lift has a value, it is the same.
public enum TabletopGeometry {
    /// Height of the table's surface above the floor.
    public static let tableHeight = 0.8
    /// Half the side of the square table, which is centred on the origin.
    public static let tableHalfSide = 0.4
    public static let cubeHalfSize = 0.02

    /// Where the arm stands, on the side of negative x.
    public static let base = Vector(-0.56, 0, 0.912)

    /// The grip site may move in this box; its lower side keeps the finger tips 2 mm above the table.
    public static let workspaceLow = Vector(-0.3, -0.3, tableHeight + fingerTip + 0.002)
    public static let workspaceHigh = Vector(0.3, 0.3, 1.2)
    /// Largest angle between the hand's approach axis and straight down.
    public static let largestTilt = 0.8

    /// From the hand's origin along its approach axis to the grip site between the finger pads.
    public static let gripSite = 0.1034
    /// From the grip site down to the finger tips.
    public static let fingerTip = 0.01
    /// Half the width of a finger pad, across the finger axis.
    public static let padHalfWidth = 0.01
    /// Half the thickness of a finger, along the finger axis.
    public static let fingerHalfThickness = 0.006
    /// Largest distance of one finger's inner face from the middle.
    public static let fingerTravel = 0.04
}
