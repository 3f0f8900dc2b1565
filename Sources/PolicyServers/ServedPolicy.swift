import Basics
import Demonstrations
import Policies

/// A policy behind openpi's websocket protocol: pi0, or anything else that a server of it wraps.
///
/// Sequences span the study's window. Probes compare whole windows, so an entry that the server never answered must not be in one:
/// a server that answers from the current step on (`first_action: current`) is asked with windows of one observed step, which begin
/// at the current step; a server that answers from the first observed step on fits windows of several. Nothing is padded or cut.
///
/// Answers are the same for the same seed only where the server takes one (`seed_key`) and starts its noise from it.
public struct ServedPolicy: Policy {
    public let isStochastic: Bool
    /// What the server says about itself.
    public let published: PublishedPolicy
    private let connection: PolicyConnection
    private let request: ObservationRequest
    private let actions: ServedActions

    /// - Parameters:
    ///   - cameras: of the data file, in the order of an observation's images
    ///   - lowDimKeys: of the data file, in the order of an observation's values
    ///   - actionDimension: values of one action of the data file
    ///   - layout: the study's; `PublishedPolicy(connection.metadata).horizon` is what to make it of, where the server publishes it
    /// - Throws: `Failure` (`data`) for keys that the file does not have, or a window that the server's answers do not fill.
    public init(
        _ connection: PolicyConnection, _ settings: ServedPolicySettings, cameras: [Camera], lowDimKeys: [LowDimKey], actionDimension: Int,
        layout: WindowLayout
    ) throws {
        isStochastic = settings.stochastic
        published = PublishedPolicy(connection.metadata)
        self.connection = connection
        request = try ObservationRequest(settings, cameras: cameras, lowDimKeys: lowDimKeys, answer: [layout.horizon, actionDimension])
        actions = try ServedActions(published, settings, server: "\(connection.address)", actionDimension: actionDimension, layout: layout)
    }

    /// One request for each sample; for a policy that is not stochastic one for each observation.
    /// - Throws: `Failure` of the connection, or for an answer that does not fit; the first such answer ends it.
    public func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        try zip(observations, seeds).map { observation, seed in
            let answers = try (0..<(isStochastic ? samples : min(samples, 1))).map { sample in
                Prediction(actions: try actions.read(connection.ask(request.value(observation, seed: seed / sample))))
            }
            return isStochastic ? answers : answers.flatMap { [Prediction](repeating: $0, count: samples) }
        }
    }
}
