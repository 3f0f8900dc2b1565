import Basics
import Configuration

/// Where the episodes of a task start.
public struct StartRegion: Sendable, Equatable {
    /// The hand starts within 2 cm of this (3 cm in y), pointing down to a few degrees, half open.
    public var hand: Vector
    /// The object lies between these in x and y, at any yaw.
    public var objectLow: SIMD2<Double>
    public var objectHigh: SIMD2<Double>
    /// Cubes that play no part, in the same region, 9.5 cm from each other and from the object.
    public var distractors = 0
}

/// What of a start is given; the rest is drawn.
public struct Placement: Sendable, Equatable {
    /// Centre of the object on the table, metres.
    public var object: SIMD2<Double>?
    /// Of the object, radians.
    public var yaw: Double?
    /// The grip site.
    public var hand: Vector?
    public var handOrientation: Quaternion?

    public init(
        object: SIMD2<Double>? = nil, yaw: Double? = nil, hand: Vector? = nil, handOrientation: Quaternion? = nil
    ) {
        self.object = object
        self.yaw = yaw
        self.hand = hand
        self.handOrientation = handOrientation
    }
}

/// Where the objects of generated demonstrations start.
public enum StartLayout: String, Sendable, SettingsChoice {
    /// Anywhere in the task's region, at any yaw.
    case continuous
    /// On the centres of 4 x 4 cells of the region, turned by 0, 30 or 60 degrees (a cube looks the same every 90).
    case grid

    static let gridSide = 4
    static let gridYaws = [0, Double.pi / 6, Double.pi / 3]

    /// For demonstration `index`: the cells in turn, so that every 16 demonstrations cover the region; the yaw is drawn.
    func placement(_ index: Int, in region: StartRegion, seed: Seed) -> Placement {
        guard self == .grid else { return Placement() }
        let cell = SIMD2(Double(index % Self.gridSide), Double(index / Self.gridSide % Self.gridSide))
        let place = region.objectLow + (region.objectHigh - region.objectLow) * (cell + 0.5) / Double(Self.gridSide)
        var source = RandomSource(seed / "grid")
        return Placement(object: place, yaw: Self.gridYaws[source.index(below: Self.gridYaws.count)])
    }
}

extension TabletopTask {
    /// A random start; the same seed gives the same start.
    public func initialState(seed: Seed) -> TabletopState { placed(Placement(), seed: seed) }

    /// The start of `seed` with what `placement` gives in place of what was drawn: other draws stay as they are, except
    /// distractors that would be too near the object.
    /// - Throws: `Failure` (`usage`) when the object is not on the table in the hand's reach or anything stands in another's
    ///   place.
    public func start(_ placement: Placement, seed: Seed) throws -> TabletopState {
        let state = placed(placement, seed: seed)
        let simulator = TabletopSimulator(task: self, state: state)
        guard let obstacle = simulator.obstacle(atObject: 0) ?? simulator.obstacleAtHand else { return state }
        throw Failure(
            .usage, "an episode cannot start like this", at: "task \(name)",
            expected: "the object on the table in the hand's reach, the hand in its workspace, nothing in another thing's place",
            found: obstacle, remedy: "choose another position")
    }

    func placed(_ placement: Placement, seed: Seed) -> TabletopState {
        let region = startRegion
        var source = RandomSource(seed / "start")
        let hand = Vector(
            region.hand.x + source.uniform(-0.02, 0.02), region.hand.y + source.uniform(-0.03, 0.03),
            region.hand.z + source.uniform(-0.02, 0.02))
        let turn = Vector(source.normal(), source.normal(), source.normal()) * 0.02
        func draw(_ source: inout RandomSource) -> SIMD2<Double> {
            let x = source.uniform(region.objectLow.x, region.objectHigh.x)
            return SIMD2(x, source.uniform(region.objectLow.y, region.objectHigh.y))
        }
        func cube(_ place: SIMD2<Double>, _ yaw: Double) -> TabletopState.Cube {
            let height = TabletopGeometry.tableHeight + TabletopGeometry.cubeHalfSize
            return .init(position: Vector(place.x, place.y, height), orientation: Quaternion(yaw: yaw))
        }
        let drawn = (draw(&source), source.uniform(-Double.pi, Double.pi))
        var cubes = [cube(placement.object ?? drawn.0, placement.yaw ?? drawn.1)]
        source = RandomSource(seed / "distractors")
        while cubes.count < 1 + region.distractors {
            let place = draw(&source), yaw = source.uniform(-Double.pi, Double.pi)
            // Open fingers around one cube must not touch the other.
            let isFree = cubes.allSatisfy { (($0.ground - place) * ($0.ground - place)).sum() > 0.095 * 0.095 }
            if isFree { cubes.append(cube(place, yaw)) }
        }
        return TabletopState(
            position: placement.hand ?? hand,
            orientation: placement.handOrientation?.normalized ?? Quaternion(rotation: turn) * TabletopState.handDown,
            fingerPosition: 0.0208, cubes: cubes)
    }
}
