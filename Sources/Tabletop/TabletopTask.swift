import Basics

/// A task on the table: what stands there, where an episode starts, when it has succeeded, and which way a scripted expert
/// carries the object, cube 0.
public protocol TabletopTask: Sendable {
    /// Name on the command line, for instance `lift`.
    var name: String { get }
    /// `env_name` in the recorded file.
    var environmentName: String { get }
    /// Control steps after which an attempt of the expert has failed.
    var stepLimit: Int { get }
    /// Where episodes start.
    var startRegion: StartRegion { get }
    /// What belongs to the task and never moves.
    var fixtures: [Fixture] { get }
    /// Largest coordinates of the grip site; below `TabletopGeometry.workspaceHigh` where the task says so.
    var workspaceHigh: Vector { get }
    /// True when the object must have been let go in the end.
    var endsReleased: Bool { get }

    func isSuccess(_ state: TabletopState) -> Bool
    /// How far the object has come, from 0 at its start to 1 at its place, whatever the hand does.
    func advance(_ state: TabletopState) -> Double
    /// Where the expert's approach passes beside the object: offset from its centre in the world's x and y, metres.
    func approachOffset(_ style: ExpertStyle) -> SIMD2<Double>
    /// The expert's way from `state`, in which the hand holds the object or the task is done. At least one leg.
    func carry(from state: TabletopState, style: ExpertStyle) -> [CarryLeg]
}

extension TabletopTask {
    public var fixtures: [Fixture] { [] }
    public var workspaceHigh: Vector { TabletopGeometry.workspaceHigh }
    public var endsReleased: Bool { false }
    public func approachOffset(_ style: ExpertStyle) -> SIMD2<Double> { style.approachOffset }

    /// A controller that goes on from `state`, which may be any state, with its noise drawn from `seed`.
    public func expert(at state: TabletopState, style: ExpertStyle, seed: Seed) -> ScriptedExpert {
        ScriptedExpert(self, at: state, style: style, seed: seed)
    }

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
    public let name: String
    public let environmentName: String
    public let stepLimit = 120
    public let startRegion: StartRegion

    /// The cube starts where robosuite's does: within 3 cm of the table's middle in x and y, at any yaw.
    public init() {
        self.init("lift", "TabletopLift", objectLow: [-0.03, -0.03], objectHigh: [0.03, 0.03])
    }

    /// The cube starts in a region of twelve times that area, in which a few demonstrations lie far apart.
    public static let wide = LiftTask("lift_wide", "TabletopLiftWide", objectLow: [-0.08, -0.12], objectHigh: [0.10, 0.12])

    private init(_ name: String, _ environmentName: String, objectLow: SIMD2<Double>, objectHigh: SIMD2<Double>) {
        self.name = name
        self.environmentName = environmentName
        startRegion = StartRegion(hand: Vector(-0.11, 0, 1), objectLow: objectLow, objectHigh: objectHigh)
    }

    /// The cube's centre is more than 4 cm above the table (robosuite's rule), that is, it is lifted by 2 cm.
    public func isSuccess(_ state: TabletopState) -> Bool {
        state.cubes[0].position.z > TabletopGeometry.tableHeight + 0.04
    }

    /// The share of the 2 cm.
    public func advance(_ state: TabletopState) -> Double {
        let height = state.cubes[0].position.z - TabletopGeometry.tableHeight
        return min(max(height / TabletopGeometry.cubeHalfSize - 1, 0), 1)
    }

    public func carry(from state: TabletopState, style: ExpertStyle) -> [CarryLeg] {
        [CarryLeg(to: state.position + style.liftOffset, noiseShare: 0.7)]
    }
}
