import Basics
import Images

/// Carry the object round a post to a region on the other side. The way is along positive y; the post stands on it and is
/// too high to pass over, so that an episode passes it on the left (the arm's side, smaller x) or on the right.
public struct DetourTask: TabletopTask {
    public let name = "detour"
    public let environmentName = "TabletopDetour"
    public let stepLimit = 220
    public let startRegion = StartRegion(
        hand: Vector(-0.15, -0.19, 0.92), objectLow: [-0.10, -0.20], objectHigh: [0.03, -0.15])
    /// The palm, 3.7 cm above the grip site, cannot rise above the post.
    public let workspaceHigh = Vector(0.3, 0.3, 0.95)

    /// Which way past the post, seen in the direction of travel.
    public enum Side: String, Sendable, CaseIterable { case left, right }

    public static let post = Fixture(
        center: [-0.035, 0], halfSize: [0.025, 0.025], height: 0.2, color: RGBColor(98, 58, 150))
    public static let goal = Fixture(
        center: [-0.035, 0.17], halfSize: [0.055, 0.045], height: 0, color: RGBColor(70, 168, 84))
    public let fixtures = [goal, post]

    public init() {}

    /// The object's centre is above the goal region, held or lying.
    public func isSuccess(_ state: TabletopState) -> Bool { Self.goal.covers(state.cubes[0].ground) }

    /// By the shortest way that is left to the region: round the post, 14 cm beside it, until it is passed.
    public func advance(_ state: TabletopState) -> Double {
        let place = state.cubes[0].ground, post = Self.post.center
        var way = Self.goal.distance(to: place)
        if place.y < post.y {
            way = [0.14, -0.14].map { side in
                let corner = SIMD2(post.x + side, post.y), toCorner = corner - place
                return (toCorner * toCorner).sum().squareRoot() + Self.goal.distance(to: corner)
            }.min() ?? way
        }
        return max(1 - way / 0.43, 0)
    }

    /// Which side of the post a path took: that of its last passage from the start's side to the goal's. `positions` are those
    /// of the object or of the grip site, one for each step, in metres; nil when they never passed.
    public static func side(of positions: [Vector]) -> Side? {
        for (from, to) in zip(positions, positions.dropFirst()).reversed() where from.y < post.center.y && to.y >= post.center.y {
            let share = (post.center.y - from.y) / (to.y - from.y)
            return from.x + share * (to.x - from.x) < post.center.x ? .left : .right
        }
        return nil
    }

    /// Away from the post, which the open hand would run into on the other side.
    public func approachOffset(_ style: ExpertStyle) -> SIMD2<Double> {
        SIMD2(style.approachOffset.x, -0.7 * abs(style.approachOffset.y))
    }

    /// Up, beside the post, past it and to the goal; a hand that is beside the post already goes on on its side.
    public func carry(from state: TabletopState, style: ExpertStyle) -> [CarryLeg] {
        let height = TabletopGeometry.tableHeight + 0.06 + 0.4 * (style.liftOffset.z - 0.09)
        let (post, goal) = (Self.post.center, Self.goal.center + style.goalOffset)
        let offset = state.position.x - post.x, isBeside = abs(offset) > 0.1 && state.position.y > post.y - 0.12
        let side: Double = (isBeside ? offset < 0 : style.passesLeft) ? -1 : 1
        let beside = post.x + side * (0.15 + 0.03 * style.berth)
        func point(_ x: Double, _ y: Double) -> Vector { Vector(x, y, height) }
        var legs = [CarryLeg(to: point(goal.x, goal.y), noiseShare: 0.7)]
        if state.position.y > post.y + 0.1 { return legs }
        legs.insert(CarryLeg(to: point(beside, post.y + 0.12), noiseShare: 0.7, tolerance: 0.04), at: 0)
        if isBeside { return legs }
        let up = point(state.position.x, state.position.y)
        return [
            CarryLeg(to: up, noiseShare: 0.7, tolerance: 0.02),
            CarryLeg(to: point(beside, post.y - 0.14), noiseShare: 0.7, tolerance: 0.04),
        ] + legs
    }
}
