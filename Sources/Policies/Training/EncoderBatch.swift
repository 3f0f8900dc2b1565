import Basics
import Compute
import Networks

/// The image encoders over a training batch, forward and back, depth first: image after image through the whole
/// network while its activations sit in the cache, each with its own workspace for the way back.
///
/// The way back is cut into a fixed number of lanes, each with its own gradient of the encoders' parameters; lanes are
/// added in order.
final class EncoderBatch {
    private let encoders: [EncoderPlan]  // by camera
    private let rows: Int
    private let pool: WorkerPool
    private let workspaces: [[Workspace]]  // [row][camera]
    private let memories: [Memory]
    private let laneGradients: [FloatBuffer]
    private let parameterRange: Range<Int>

    /// Work memory of one worker.
    private final class Memory: @unchecked Sendable {
        let scratch: FloatBuffer
        let gradients: [FloatBuffer]  // by camera
        init(_ encoders: [EncoderPlan]) {
            scratch = FloatBuffer(count: encoders.map(\.plan.scratchCount).max() ?? 0)
            gradients = encoders.map { FloatBuffer(count: $0.plan.gradientCount) }
        }
    }

    /// - Parameter encoders: of each camera; may be the same one
    init(_ encoders: [EncoderPlan], rows: Int, pool: WorkerPool, profile: OperationProfile?) {
        self.encoders = encoders
        self.rows = rows
        self.pool = pool
        workspaces = (0..<rows).map { _ in encoders.map { Workspace($0.plan, profile: profile) } }
        memories = (0..<pool.workers).map { _ in Memory(encoders) }
        let first = encoders.map(\.plan.parameterRange.lowerBound).min() ?? 0
        let range = first..<(encoders.map(\.plan.parameterRange.upperBound).max() ?? first)
        parameterRange = range
        laneGradients = (0..<Lanes.count(batchSize: rows)).map { _ in FloatBuffer(count: range.count) }
    }

    /// Encodes images [rows, cameras, S, S, 3]; the features [F] of a camera go to `features + row · stride + camera · F`.
    func forward(_ images: [Float], _ weights: Weights, to features: UnsafeMutablePointer<Float>, stride: Int) {
        let (encoders, workspaces, memories) = (encoders, workspaces, memories)
        nonisolated(unsafe) let features = features
        pool.run(lanes: rows) { row, worker in
            for (camera, encoder) in encoders.enumerated() {
                let workspace = workspaces[row][camera], image = workspace[encoder.image]
                copy(images, from: (row * encoders.count + camera) * image.count, to: image)
                encoder.plan.forward(workspace, weights, scratch: memories[worker].scratch)
                let result = workspace[encoder.features]
                (features + row * stride + camera * result.count).update(
                    from: result.baseAddress.unsafelyUnwrapped, count: result.count)
            }
        }
    }

    /// Carries the features' gradients, placed as in `forward`, back and adds to the parameters' gradients.
    func backward(
        _ featureGradients: UnsafePointer<Float>, stride: Int, _ weights: Weights, addingTo gradients: FloatBuffer
    ) {
        guard !encoders.isEmpty else { return }
        let (encoders, workspaces, memories) = (encoders, workspaces, memories)
        let (laneGradients, range) = (laneGradients, parameterRange), laneSize = rows / laneGradients.count
        nonisolated(unsafe) let featureGradients = featureGradients
        pool.run(lanes: laneGradients.count) { lane, worker in
            let memory = memories[worker]
            laneGradients[lane].fill(0)
            for row in lane * laneSize..<(lane + 1) * laneSize {
                for (camera, encoder) in encoders.enumerated() {
                    let slab = memory.gradients[camera], count = encoder.features.shape.count
                    encoder.plan.gradient(of: encoder.features, in: slab).update(
                        from: featureGradients + row * stride + camera * count, count: count)
                    encoder.plan.backward(
                        workspaces[row][camera], gradients: slab, weights, parameterGradients: laneGradients[lane],
                        firstParameter: range.lowerBound, scratch: memory.scratch)
                }
            }
        }
        Gradients.add(laneGradients, to: gradients, at: range.lowerBound, pool: pool)
    }
}

/// How a batch is cut into lanes: the largest number up to 8 that divides it, whatever the number of workers.
enum Lanes {
    static func count(batchSize: Int) -> Int { (1...8).last { batchSize % $0 == 0 } ?? 1 }
}

/// Copies as many floats as `target` holds.
func copy(_ source: [Float], from start: Int, to target: UnsafeMutableBufferPointer<Float>) {
    precondition(start + target.count <= source.count, "\(target.count) floats from \(start) of \(source.count)")
    source.withUnsafeBufferPointer { _ = target.update(fromContentsOf: $0[start..<start + target.count]) }
}
