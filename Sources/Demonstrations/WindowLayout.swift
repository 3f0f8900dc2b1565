import Configuration

/// A run of `WindowLayout.horizon` consecutive steps of one demonstration.
public struct Window: Hashable, Sendable {
    /// Position in `DemonstrationSet.episodes`.
    public var demonstration: Int
    /// First step; negative where the window begins before the episode.
    public var start: Int
    public init(demonstration: Int, start: Int) {
        self.demonstration = demonstration
        self.start = start
    }
}

/// How demonstrations are cut into windows: diffusion_policy's convention (Chi et al. 2023, section IV).
///
/// A window's first `observationSteps` steps are observed; the action at index `observationSteps - 1` is the
/// first one executed. Windows begin at most `observationSteps - 1` steps before the episode and end at most
/// `executedSteps - 1` steps after it, which makes L - 7 windows of L steps with (16, 2, 8). Steps outside the
/// episode repeat its first or last step.
public struct WindowLayout: Sendable, Equatable {
    /// Actions predicted at once.
    public var horizon = 16
    /// Observations a policy sees, ending at the current frame.
    public var observationSteps = 2
    /// Actions executed before the next query, starting at the current frame.
    public var executedSteps = 8

    public init() {}

    public init(horizon: Int, observationSteps: Int, executedSteps: Int) {
        precondition(
            observationSteps >= 1 && executedSteps >= 1 && observationSteps - 1 + executedSteps <= horizon,
            "\(observationSteps) observed and \(executedSteps) executed steps do not fit a horizon of \(horizon)")
        self.horizon = horizon
        self.observationSteps = observationSteps
        self.executedSteps = executedSteps
    }

    /// Every window of the named demonstrations, in order. An episode too short for the padding has none.
    public func windows(in set: DemonstrationSet, demonstrations: [Int]) -> [Window] {
        demonstrations.flatMap { demonstration in
            let last = set.episodes[demonstration].length - horizon + executedSteps - 1
            return stride(from: 1 - observationSteps, through: last, by: 1).map {
                Window(demonstration: demonstration, start: $0)
            }
        }
    }

    /// The frame at which a policy would predict this window: its last observed step, inside the episode for
    /// every window of `windows(in:demonstrations:)`.
    public func currentFrame(of window: Window) -> FrameReference {
        FrameReference(demonstration: window.demonstration, frame: window.start + observationSteps - 1)
    }

    /// The window a policy predicts at `frame`, also where `windows(in:demonstrations:)` has none.
    public func window(at frame: FrameReference) -> Window {
        Window(demonstration: frame.demonstration, start: frame.frame - (observationSteps - 1))
    }

    /// The raw actions of a window, [horizon, A]; steps outside the episode repeat its first or last action.
    public func actions(of window: Window, in set: DemonstrationSet) -> [Float] {
        let episode = set.episodes[window.demonstration]
        let width = set.actionDimension
        var result: [Float] = []
        result.reserveCapacity(horizon * width)
        for step in window.start..<window.start + horizon {
            let row = min(max(step, 0), episode.length - 1)
            result += episode.actions[row * width..<(row + 1) * width]
        }
        return result
    }

    /// What a policy sees at the window's current frame.
    public func observation(of window: Window, in set: DemonstrationSet) -> Observation {
        set.observation(currentFrame(of: window), steps: observationSteps)
    }

    /// The indices in 0 ..< horizon whose steps lie inside the episode; the others are padding.
    public func validSteps(of window: Window, in set: DemonstrationSet) -> Range<Int> {
        let length = set.episodes[window.demonstration].length
        let lower = min(max(-window.start, 0), horizon)
        return lower..<max(lower, min(horizon, length - window.start))
    }
}

extension WindowLayout: SettingsGroup {
    public static var fields: [SettingsField<WindowLayout>] {
        [
            SettingsField("horizon", \.horizon, .within(1...1024)),
            SettingsField("observation_steps", \.observationSteps, .within(1...64)),
            SettingsField("executed_steps", \.executedSteps, .within(1...1024)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        let most = horizon - observationSteps + 1
        guard executedSteps > most else { return }
        throw origins.violation(
            path, "executed_steps", expected: "at most horizon - observation_steps + 1 = \(most)", found: "\(executedSteps)")
    }
}
