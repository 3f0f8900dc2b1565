import Basics
import Compute
import Demonstrations
import Networks

/// Draws the training batches of a diffusion policy: windows, crops, timesteps and noise, each from its own
/// substream, so that batch n is a pure function of the seed and n.
final class DiffusionBatchSource {
    private let set: DemonstrationSet
    private let layout: WindowLayout
    private let windows: [Window]
    private let normalizer: Normalizer
    private let configuration: DiffusionNetworkConfiguration
    private let objective: TrainingObjective
    private let seed: Seed
    private let pool: WorkerPool
    private var order: SampleOrder

    init(
        set: DemonstrationSet, layout: WindowLayout, windows: [Window], normalizer: Normalizer,
        configuration: DiffusionNetworkConfiguration, objective: TrainingObjective, seed: Seed,
        pool: WorkerPool
    ) {
        self.set = set
        self.layout = layout
        self.windows = windows
        self.normalizer = normalizer
        self.configuration = configuration
        self.objective = objective
        self.seed = seed
        self.pool = pool
        order = SampleOrder(count: windows.count, seed: seed / "order")
    }

    /// The batch of one step (0 for the first).
    func batch(step: Int, size: Int) -> DiffusionBatch {
        let chosen = (0..<size).map { windows[order.sample(at: step * size + $0)] }
        return batch(of: chosen, firstPosition: step * size, Draws(seed: seed, cropsAtRandom: true))
    }

    /// A batch of held-out windows; what is drawn depends on its number alone.
    func heldoutBatch(_ windows: [Window], number: Int) -> DiffusionBatch {
        batch(of: windows, firstPosition: number * windows.count, Draws(seed: seed / "heldout", cropsAtRandom: false))
    }

    /// Where the randomness of a batch comes from.
    private struct Draws {
        let seed: Seed
        /// Else the crops are centred, as in evaluation.
        let cropsAtRandom: Bool
    }

    private func batch(of windows: [Window], firstPosition: Int, _ draws: Draws) -> DiffusionBatch {
        var batch = DiffusionBatch(configuration, batchSize: windows.count)
        for (index, window) in windows.enumerated() {
            fillActions(of: window, draws.seed, position: firstPosition + index, index: index, &batch)
            let last = layout.currentFrame(of: window).frame
            let lowDim = (0..<layout.observationSteps).flatMap { step in
                normalizer.normalizeLowDim(Array(set.lowDim(frame(window, last, step))))
            }
            batch.lowDim.replaceSubrange(index * lowDim.count..<(index + 1) * lowDim.count, with: lowDim)
        }
        fillImages(of: windows, draws, firstPosition: firstPosition, &batch)
        return batch
    }

    /// The frame of an observation step; frames before the first repeat the first.
    private func frame(_ window: Window, _ last: Int, _ step: Int) -> FrameReference {
        FrameReference(demonstration: window.demonstration, frame: max(0, last - (layout.observationSteps - 1) + step))
    }

    private func fillActions(of window: Window, _ seed: Seed, position: Int, index: Int, _ batch: inout DiffusionBatch) {
        let actions = normalizer.normalizeActions(layout.actions(of: window, in: set))
        switch objective {
        case .regression, .absoluteRegression:
            batch.target.replaceSubrange(index * actions.count..<(index + 1) * actions.count, with: actions)
        case .generative(let process):
            var noise = RandomSource(seed / "noise" / position), timestep = RandomSource(seed / "timestep" / position)
            let t = timestep.index(below: process.levels)
            batch.timesteps[index] = Float(t)
            for (i, action) in actions.enumerated() {
                let draw = Float(noise.normal()), place = index * actions.count + i
                batch.target[place] = process.target(clean: action, noise: draw, at: t)
                batch.noisyActions[place] = process.noised(action, noise: draw, at: t)
            }
        }
    }

    /// Every image has its own random crop, as in diffusion_policy.
    private func fillImages(of windows: [Window], _ draws: Draws, firstPosition: Int, _ batch: inout DiffusionBatch) {
        let (set, layout, configuration) = (set, layout, configuration)
        let frames = windows.map { window in
            (0..<layout.observationSteps).map { frame(window, layout.currentFrame(of: window).frame, $0) }
        }
        let cameras = set.cameras.count, size = configuration.image
        batch.images.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let target = buffer
            pool.run(lanes: windows.count) { index, _ in
                var crop = RandomSource(draws.seed / "crop" / (firstPosition + index))
                for (step, frame) in frames[index].enumerated() {
                    for (camera, description) in set.cameras.enumerated() {
                        let (width, height) = (description.width, description.height)
                        let corner =
                            draws.cropsAtRandom
                            ? ImagePreprocessing.random(width: width, height: height, size: size, &crop)
                            : ImagePreprocessing.centre(width: width, height: height, size: size)
                        let row = (index * layout.observationSteps + step) * cameras + camera
                        set.withPixels(frame, camera: camera) { pixels in
                            let place = UnsafeMutableBufferPointer(
                                rebasing: target[row * configuration.imageCount..<(row + 1) * configuration.imageCount])
                            ImagePreprocessing.crop(pixels, width: width, size: size, at: corner, to: place)
                        }
                    }
                }
            }
        }
    }
}

/// The order in which training samples are visited: every epoch a new permutation, a pure function of
/// (seed, epoch, position), so that resuming is exact at any step.
struct SampleOrder {
    let count: Int
    let seed: Seed
    private var epoch = -1
    private var permutation: [Int] = []

    init(count: Int, seed: Seed) {
        precondition(count > 0, "no samples to order")
        self.count = count
        self.seed = seed
    }

    /// The sample at a position of the endless sequence of epochs.
    mutating func sample(at position: Int) -> Int {
        if position / count != epoch {
            epoch = position / count
            var source = RandomSource(seed / epoch)
            permutation = source.permutation(count)
        }
        return permutation[position % count]
    }
}
