import Basics

/// A task on the table: where an episode starts, when it has succeeded, and how a scripted expert does it.
public protocol TabletopTask: Sendable {
    /// Name on the command line, for instance `lift`.
    var name: String { get }
    /// `env_name` in the recorded file.
    var environmentName: String { get }
    /// Control steps after which an attempt of the expert has failed.
    var stepLimit: Int { get }

    /// A random start; the same seed gives the same start.
    func initialState(seed: Seed) -> TabletopState
    func isSuccess(_ state: TabletopState) -> Bool
    /// A controller that goes on from `state`, which may be any state, with its noise drawn from `seed`.
    func expert(at state: TabletopState, style: ExpertStyle, seed: Seed) -> any TabletopExpert
}

/// A controller that sees the whole state. It remembers its phase, so it is asked once per control step.
public protocol TabletopExpert {
    /// Seven numbers in [-1, 1]; see `TabletopSimulator.step`.
    mutating func action(at state: TabletopState) -> [Double]
}

extension TabletopTask {
    /// What the expert would do from `state`: `horizon` actions, found by running a copy of the simulator. [horizon][7]
    public func expertActions(
        from state: TabletopState, horizon: Int, style: ExpertStyle, seed: Seed
    ) -> [[Double]] {
        var simulator = TabletopSimulator(task: self, state: state)
        var expert = expert(at: state, style: style, seed: seed)
        return (0..<horizon).map { _ in
            let action = expert.action(at: simulator.state)
            simulator.step(action)
            return action
        }
    }
}
