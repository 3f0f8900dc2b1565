import Basics
import Images

/// What a policy sees at one query: the last observation steps, oldest first.
///
/// Images are as stored (uncropped uint8), low-dim values are raw (not normalised), so that every policy
/// applies its own preprocessing.
public struct Observation: Sendable {
    public var images: [[RGBImage]]  // [step][camera], in the set's camera order
    public var lowDim: [[Float]]  // [step][L], keys concatenated in the set's order
    /// Where the observation comes from; nil when nothing in the file corresponds to it.
    /// For an altered observation (an image replaced), the frame it was altered from.
    public var source: FrameReference?
    /// The episode under way; nil for an observation that belongs to none.
    public var episode: EpisodeMemory?

    public init(images: [[RGBImage]], lowDim: [[Float]], source: FrameReference?, episode: EpisodeMemory? = nil) {
        self.images = images
        self.lowDim = lowDim
        self.source = source
        self.episode = episode
    }
}

/// What a controller may remember of the episode that it is in. A policy of what it observes looks at none of it; a replay, a
/// lookup that stays with one demonstration and the scripted expert do.
public final class EpisodeMemory: Sendable {
    /// Control steps since the start.
    public let step: Int
    /// What was observed at the start; nil at the start itself.
    public let start: Observation?
    /// The training frames recalled at the queries before, oldest first; none for a policy that recalls none.
    public let recalled: [FrameReference]
    /// Of this episode, the same at each of its queries.
    public let seed: Seed
    /// The simulator's state, a row of the file's `states`: for the scripted expert alone.
    public let state: [Double]

    public init(step: Int, start: Observation?, recalled: [FrameReference], seed: Seed, state: [Double]) {
        self.step = step
        self.start = start
        self.recalled = recalled
        self.seed = seed
        self.state = state
    }
}
