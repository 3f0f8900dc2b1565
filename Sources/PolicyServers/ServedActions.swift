import Basics
import Demonstrations

/// What a policy server publishes about itself in its first message, as far as we look at it. openpi leaves the map to whoever
/// serves; a server that says nothing is taken at its word later.
public struct PublishedPolicy: Equatable, Sendable {
    /// Actions of one reply: the key `horizon` or `action_horizon`.
    public let horizon: Int?
    /// Values of one action: the key `action_dim`.
    public let actionDimension: Int?
    /// Which step the first action is of: the key `first_action`, in the words of our settings.
    public let firstAction: ServedPolicySettings.FirstAction?

    public init(_ metadata: MessagePackValue) {
        horizon = (metadata["horizon"] ?? metadata["action_horizon"])?.wholeNumber
        actionDimension = metadata["action_dim"]?.wholeNumber
        if case .string(let word)? = metadata["first_action"] { firstAction = .init(rawValue: word) } else { firstAction = nil }
    }
}

extension ServedPolicySettings {
    /// The windows that this server's answers fill, for a study that leaves them to the server: as long as the sequences that it
    /// publishes, and beginning at the current step where its first action does.
    /// - Parameter configured: what to keep of it where the server says nothing, and where nothing fits; `ServedPolicy.init` says why
    public func windows(_ configured: WindowLayout, of published: PublishedPolicy) -> WindowLayout {
        let horizon = published.horizon ?? configured.horizon, steps = firstAction == .current ? 1 : configured.observationSteps
        guard (steps...1024).contains(horizon) else { return configured }
        return WindowLayout(horizon: horizon, observationSteps: steps, executedSteps: min(configured.executedSteps, horizon - steps + 1))
    }
}

/// Reads the actions of a reply and holds them against the window that the study compares.
struct ServedActions: Sendable {
    let server: String
    let horizon: Int
    let actionDimension: Int

    /// Compares what the server publishes, and what the settings say of its answers, with the window.
    /// - Throws: `Failure` (`data`), which says what to set.
    init(_ published: PublishedPolicy, _ settings: ServedPolicySettings, server: String, actionDimension: Int, layout: WindowLayout) throws {
        (self.server, horizon, self.actionDimension) = (server, layout.horizon, actionDimension)
        if let word = published.firstAction, word != settings.firstAction {
            throw Failure(
                .data, "the server's first action is of another step than the settings say", at: "audit.served.first_action",
                expected: "\(word.rawValue), as \(server) publishes", found: settings.firstAction.rawValue, remedy: "set audit.served.first_action: \(word.rawValue)")
        }
        if settings.firstAction == .current, layout.observationSteps > 1 {
            throw Failure(
                .data, "the window begins before the server's first action", at: "windows.observation_steps",
                expected: "1: the server's first action is of the current step (audit.served.first_action: current)", found: "\(layout.observationSteps)",
                remedy: "set windows.observation_steps: 1; or let the server answer from the first observed step on, "
                    + "and set audit.served.first_action: first_observed")
        }
        if settings.history == .last, layout.observationSteps > 1 {
            throw Failure(
                .data, "of several observed steps the server would see one", at: "audit.served.history",
                expected: "steps, for windows.observation_steps: \(layout.observationSteps)", found: settings.history.rawValue,
                remedy: "set audit.served.history: steps, or windows.observation_steps: 1")
        }
        if let published = published.horizon { try check(horizon: published, "publishes") }
        if let published = published.actionDimension { try check(dimension: published, "publishes") }
    }

    /// - Returns: [horizon, actionDimension], raw units
    /// - Throws: `Failure` (`data`) for a reply without actions, or with others than the window needs.
    func read(_ reply: MessagePackValue) throws -> [Float] {
        guard let value = reply["actions"] else {
            throw wrong(
                "a reply holds no actions", expected: "a map with actions [\(horizon), \(actionDimension)]", found: reply.summary,
                "serve the action sequence under the key actions")
        }
        let array: NumpyArray
        do throws(NumpyError) { array = try NumpyArray(value) } catch {
            throw wrong(
                "the actions are no array", expected: "a numpy array of floats, packed by openpi_client's msgpack_numpy", found: "\(error)",
                "pack the actions with msgpack_numpy, as float32")
        }
        guard array.dtype.kind == .float else {
            throw wrong(
                "the actions have another type", expected: "float16, float32 or float64", found: "\(array.dtype)",
                "serve the actions as float32, in the units of the data file")
        }
        guard array.shape.count == 2 else {
            throw wrong(
                "the actions have another shape", expected: "[\(horizon), \(actionDimension)]: a sequence of actions", found: "\(array.shape)",
                array.shape.count > 2
                    ? "serve one sequence a request, without an axis for the batch"
                    : "serve the whole predicted sequence, and not its first action alone")
        }
        try check(horizon: array.shape[0], "answers")
        try check(dimension: array.shape[1], "answers")
        let actions = array.doubles.map { Float($0) }
        if let bad = actions.firstIndex(where: { !$0.isFinite }) {
            throw wrong(
                "the server answers what is no number", expected: "finite actions",
                found: "\(actions[bad]) in action \(bad / actionDimension), value \(bad % actionDimension)",
                "look for NaN in the server's weights or statistics; a key that it takes for another one does this, too")
        }
        return actions
    }

    private func check(horizon found: Int, _ verb: String) throws {
        guard found != horizon else { return }
        throw wrong(
            "the server's sequences are \(found < horizon ? "shorter" : "longer") than the window", expected: "windows.horizon: \(horizon) actions",
            found: "the server \(verb) \(found)", "set windows.horizon: \(found), and windows.executed_steps to what the robot carries out of them")
    }

    private func check(dimension found: Int, _ verb: String) throws {
        guard found != actionDimension else { return }
        throw wrong(
            "the server's actions have another width than the data file's", expected: "\(actionDimension) values of an action",
            found: "the server \(verb) \(found)", found > actionDimension
                ? "cut what the model pads (pi0 has 32 values within) in the server's output transform, or ask about data of its robot"
                : "ask about data of the robot that the policy was trained on")
    }

    private func wrong(_ what: String, expected: String, found: String, _ remedy: String) -> Failure {
        Failure(.data, what, at: server, expected: expected, found: found, remedy: remedy)
    }
}
