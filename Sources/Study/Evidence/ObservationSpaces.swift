import Demonstrations
import Images
import Policies
import Probes

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

    func all(_ conditions: [QueryCondition]) throws -> [ObservationSpace] {
        let data = try maker.data()
        let train = data.train.map { data.layout.observation(of: $0, in: data.set) }
        func space(
            _ space: Space, of conditions: [QueryCondition], _ features: ([Observation]) -> [Float]
        ) -> ObservationSpace {
            let values = features(train)
            return ObservationSpace(
                space: space, width: values.count / train.count, train: values,
                conditions: Dictionary(uniqueKeysWithValues: conditions.map { ($0.condition, features($0.observations)) }))
        }
        var spaces: [ObservationSpace] = []
        let frames = conditions.filter(\.hasTruth), policy = try maker.subject()
        if let table = try maker.table() { spaces.append(space(.tableEncoder, of: conditions, table.keys(of:))) }
        spaces.append(space(.subjectEncoder, of: conditions) { policy.encode($0).array })
        if !data.set.cameras.isEmpty { spaces.append(space(.pixels, of: conditions, Self.pixels)) }
        if data.set.lowDimDimension > 0 {
            spaces.append(space(.pose, of: frames) { $0.flatMap { data.normalizer.normalizeLowDim($0.lowDim[$0.lowDim.count - 1]) } })
        }
        spaces.append(try trueState(frames))
        return spaces
    }

    /// By every key that a lookup table may have, at training windows and held-out frames: `<encoder> head`, or `features` before
    /// it, with the `pose` or without; and by the features of an autoencoder. None without cameras.
    func keys(_ conditions: [QueryCondition]) throws -> [TableKeySpace] {
        guard try maker.hasCameras() else { return [] }
        let data = try maker.data(), heldout = conditions.filter { $0.condition == .heldout }
        return try (TableVariant.keys + [.autoencoder]).map { name in
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
