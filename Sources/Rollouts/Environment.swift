import Basics
import Demonstrations
import Images

/// A task in a simulator, in which policies are let loose.
///
/// Episodes run in batches, so that a simulator may step and render them on every core, or in a process of its own.
public protocol Environment: Sendable {
    /// `lift`, `place`, ...
    var task: String { get }
    /// Begins one episode for each seed; the same seed gives the same start, and the same actions the same episode.
    func begin(_ seeds: [Seed], pool: WorkerPool) throws -> any EpisodeBatch
}

/// Episodes under way side by side, known by their places 0 ..< count.
public protocol EpisodeBatch {
    /// What is observed of these episodes at this moment, in their order.
    mutating func observe(_ episodes: [Int]) throws -> [Frame]
    /// Lets one control step pass in each of these episodes.
    /// - Parameter actions: [episodes][A], raw units.
    mutating func step(_ episodes: [Int], actions: [[Float]]) throws
    /// How one episode stands.
    func standing(_ episode: Int) -> EpisodeStanding
}

/// One moment of an episode, as a policy may see it.
public struct Frame: Sendable {
    public var images: [RGBImage]  // [camera]
    public var lowDim: [Float]  // [L]

    public init(images: [RGBImage], lowDim: [Float]) {
        self.images = images
        self.lowDim = lowDim
    }
}

/// How an episode stands.
public struct EpisodeStanding: Sendable, Equatable {
    public var isSuccess: Bool
    /// Of the task, so far, in [0, 1]; 1 at success.
    public var progress: Double
    /// The simulator's state, a row of the recorded file's `states`.
    public var state: [Double]

    public init(isSuccess: Bool, progress: Double, state: [Double]) {
        self.isSuccess = isSuccess
        self.progress = progress
        self.state = state
    }
}
