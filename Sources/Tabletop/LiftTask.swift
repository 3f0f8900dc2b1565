import Basics

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
