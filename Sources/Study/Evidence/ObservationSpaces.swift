import Basics
import Demonstrations
import Images
import Policies
import Probes
import Rollouts
import Tabletop

/// The spaces in which observations are near or far: what a policy may use as a key.
///
/// - `alt encoder`: what the lookup table compares observations by, of the variant it is of.
/// - `diffusion encoder`: the whole global condition, both observation steps, all cameras, low-dim values.
/// - `pixels`: all cameras at the last step, averaged over squares of 3 x 3 pixels, in [0, 1].
/// - `pose`: the policy's normalised low-dim values at the last step.
/// - `true state`: those of the low-dim policies (`state.low_dim`), which include the task's objects.
///
/// Pose and state are given for frames of the data alone: no picture in place of the camera's image changes them.
struct ObservationSpaces {
    private let maker: PolicyMaker
    private static let pooling = 3

    init(_ maker: PolicyMaker) { self.maker = maker }

    /// How observations become points of one space.
    struct Points: Sendable {
        let space: Space
        /// Whether frames of the data alone have points.
        var isOfFrames = false
        /// [observations, F]
        let of: @Sendable ([Observation]) throws -> [Float]
    }

    func all(_ conditions: [QueryCondition]) throws -> [ObservationSpace] {
        let frames = conditions.filter(\.hasTruth)
        return try observed().map { points in
            try space(points, points.isOfFrames ? frames : conditions)
        } + [trueState(frames)]
    }

    /// The same spaces with the training windows alone, beside how observations in the simulator become points.
    /// - Throws: `Failure` for a low-dim key that the simulator does not have.
    func simulated(_ task: any TabletopTask) throws -> [(space: ObservationSpace, points: Points)] {
        let state = try maker.data(.state), scenes = try TabletopScenes(task, like: state.set)
        let ofState = Points(space: .trueState) { observations in
            try observations.flatMap { observation in
                guard let episode = observation.episode else {
                    throw Failure(.defect, "an observation of no episode has no true state")
                }
                return state.normalizer.normalizeLowDim(scenes.lowDim(of: try TabletopState(flat: episode.state)))
            }
        }
        return try observed().map { (try space($0, []), $0) } + [(trueState([]), ofState)]
    }

    /// Those of what a policy observes, wherever it acts.
    func served() throws -> [(space: ObservationSpace, points: Points)] { try observed().map { (try space($0, []), $0) } }

    private func observed() throws -> [Points] {
        let data = try maker.data(), policy = try maker.subject()
        var spaces: [Points] = []
        if let table = try maker.table() { spaces.append(Points(space: .tableEncoder) { table.keys(of: $0) }) }
        if let policy { spaces.append(Points(space: .subjectEncoder) { policy.encode($0).array }) }
        if !data.set.cameras.isEmpty { spaces.append(Points(space: .pixels) { Self.pixels($0) }) }
        if data.set.lowDimDimension > 0 {
            spaces.append(
                Points(space: .pose, isOfFrames: true) {
                    $0.flatMap { data.normalizer.normalizeLowDim($0.lowDim[$0.lowDim.count - 1]) }
                })
        }
        return spaces
    }

    private func space(_ points: Points, _ conditions: [QueryCondition]) throws -> ObservationSpace {
        let data = try maker.data(), train = try points.of(data.train.map { data.layout.observation(of: $0, in: data.set) })
        return ObservationSpace(
            space: points.space, width: train.count / data.train.count, train: train,
            conditions: Dictionary(uniqueKeysWithValues: try conditions.map { ($0.condition, try points.of($0.observations)) }))
    }

    /// By every key that a lookup table may have, at training windows and held-out frames: `<encoder> head`, or `features` before
    /// it, with the `pose` or without; and by the features of an autoencoder. None without a table.
    func keys(_ conditions: [QueryCondition]) throws -> [TableKeySpace] {
        guard try maker.hasTable() else { return [] }
        let data = try maker.data(), heldout = conditions.filter { $0.condition == .heldout }
        return try (TableVariant.keys(.main, maker.study.settings.alt) + [.autoencoder]).map { name in
            let key = try maker.key(name)
            return TableKeySpace(
                ObservationSpace(
                    space: Space(name.name), width: key.width, train: key.rows(of: data.train, in: data.set, layout: data.layout),
                    conditions: Dictionary(uniqueKeysWithValues: heldout.map { ($0.condition, key.rows(of: $0.observations)) })))
        }
    }

    private func trueState(_ conditions: [QueryCondition]) throws -> ObservationSpace {
        let data = try maker.data(.state)
        func features(_ frames: [FrameReference]) -> [Float] {
            frames.flatMap { data.normalizer.normalizeLowDim(Array(data.set.lowDim($0))) }
        }
        return ObservationSpace(
            space: .trueState, width: data.set.lowDimDimension, train: features(data.train.map(data.layout.currentFrame)),
            conditions: Dictionary(uniqueKeysWithValues: conditions.map { ($0.condition, features($0.frames)) }))
    }

    private static func pixels(_ observations: [Observation]) -> [Float] {
        observations.flatMap { observation in
            observation.images[observation.images.count - 1].flatMap(pooled)
        }
    }

    private static func pooled(_ image: RGBImage) -> [Float] {
        let (columns, rows) = (image.width / pooling, image.height / pooling)
        var sums = [Float](repeating: 0, count: columns * rows * 3)
        for y in 0..<rows * pooling {
            for x in 0..<columns * pooling {
                for channel in 0..<3 {
                    sums[((y / pooling) * columns + x / pooling) * 3 + channel]
                        += Float(image.pixels[(y * image.width + x) * 3 + channel])
                }
            }
        }
        return sums.map { $0 / Float(255 * pooling * pooling) }
    }
}
