import Basics
import Images

/// Put the object, cube 0, into a bin; another cube lies about and plays no part.
public struct PlaceTask: TabletopTask {
    public let name = "place"
    public let environmentName = "TabletopPlace"
    public let stepLimit = 180
    public let startRegion = StartRegion(
        hand: Vector(-0.11, -0.06, 1), objectLow: [-0.10, -0.18], objectHigh: [0.08, 0.02], distractors: 1)
    public let endsReleased = true

    /// Middle of the bin, half its inside, its walls' thickness and the rim's height above the table, metres.
    public static let binCenter = SIMD2(-0.01, 0.14)
    public static let binHalfInside = 0.055
    static let wallThickness = 0.012
    public static let rim = 0.05

    /// The bin's floor, a mark, and its four walls.
    public let fixtures: [Fixture] = {
        let center = binCenter, inside = binHalfInside, thick = wallThickness / 2
        let wall = RGBColor(30, 74, 92), floor = RGBColor(96, 150, 165)
        var things = [Fixture(center: center, halfSize: [inside, inside], height: 0, color: floor)]
        for side in [1.0, -1.0] {
            let shift = side * (inside + thick)
            things.append(
                Fixture(center: center + [shift, 0], halfSize: [thick, inside + 2 * thick], height: rim, color: wall))
            things.append(Fixture(center: center + [0, shift], halfSize: [inside, thick], height: rim, color: wall))
        }
        return things
    }()

    public init() {}

    /// The object rests inside the walls, its top below the rim, and is not held.
    public func isSuccess(_ state: TabletopState) -> Bool {
        let cube = state.cubes[0]
        let top = cube.position.z + cube.restingHeight - TabletopGeometry.tableHeight
        return state.grasp?.cube != 0 && cube.verticalSpeed == 0 && fixtures[0].covers(cube.ground) && top < Self.rim
    }

    /// Lifted over the rim, then near the bin; 1 above or in the bin.
    public func advance(_ state: TabletopState) -> Double {
        let cube = state.cubes[0], distance = fixtures[0].distance(to: cube.ground)
        if distance == 0 { return 1 }
        let height = cube.position.z - TabletopGeometry.tableHeight - TabletopGeometry.cubeHalfSize
        let lifted = min(max(height / (Self.rim + 0.03), 0), 1)
        return lifted * (0.3 + 0.7 * max(1 - distance / 0.35, 0))
    }

    /// Up, over the bin, down towards it, open, and away.
    public func carry(from state: TabletopState, style: ExpertStyle) -> [CarryLeg] {
        let goal = Self.binCenter + style.goalOffset, rim = TabletopGeometry.tableHeight + Self.rim
        func above(_ height: Double) -> Vector { Vector(goal.x, goal.y, rim + height) }
        let away = CarryLeg(to: above(0.16) + Vector(-0.03, -0.03, 0), noiseShare: 0.7, isHolding: false)
        if isSuccess(state) { return [away] }
        let high = 0.08 + 0.4 * (style.liftOffset.z - 0.09)
        var legs = [
            CarryLeg(to: above(high), noiseShare: 0.7, tolerance: 0.02),
            CarryLeg(to: above(0.05), noiseShare: 0.3, tolerance: 0.012, steps: 30),
            CarryLeg(to: above(0.05), noiseShare: 0.2, isHolding: false, steps: style.closingSteps - 1), away,
        ]
        if fixtures[0].distance(to: state.cubes[0].ground) > 0.04 {
            let up = Vector(0.3 * style.liftOffset.x, 0.3 * style.liftOffset.y, 0)
            let start = Vector(state.position.x, state.position.y, max(rim + high, state.position.z))
            legs.insert(CarryLeg(to: start + up, noiseShare: 0.7, tolerance: 0.03), at: 0)
        }
        return legs
    }
}
