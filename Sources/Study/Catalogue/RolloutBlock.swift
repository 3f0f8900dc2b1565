import Basics
import Demonstrations
import Policies
import Probes
import Rollouts
import Runs
import Safetensors
import Store
import Tabletop

/// Episodes of one policy in one scene, from some of the starts: an entry of the store.
///
/// `rollouts.safetensors`, E episodes with Q queries in all: `start`, `success`, `progress`, `steps` [E], `final` [E, S]; `episode`, `step` [Q],
/// `state` [Q, S] (the simulator's, rounded to single precision), `actions` [Q, T, A] in raw units, `recalled` [Q, 3]:
/// demonstration and frame of a lookup (-1: none), flag (1 out of distribution, -1 no monitor).
struct RolloutBlock {
    let cell: RolloutCell
    let starts: Range<Int>
    let task: any TabletopTask
    /// Of the cell's part.
    var maker: PolicyMaker

    static let kind = Identity.Kind("rollouts", code: ArithmeticCode.answers + ["Rollouts"])
    private static let file = "rollouts.safetensors"

    private var study: Study { maker.study }
    private var settings: RolloutSettings { study.settings.rollouts }

    /// What decides the episodes: the policy, the demonstrations, the task and the starts.
    func identity() throws -> Identity {
        var fingerprint = Fingerprint()
        try maker.add(cell.entry, to: &fingerprint)
        fingerprint.add("task", text: task.name)
        fingerprint.add("scene", text: cell.scene.disturbance(settings).map { "\($0)" } ?? "plain")
        fingerprint.add("steps", text: "\(settings.steps)")
        fingerprint.add("starts", text: "\(starts)")
        fingerprint.add("seed", text: "\(cell.root(study.settings).value)")
        return Identity(Self.kind, fingerprint)
    }

    /// From the store; else run now.
    /// - Parameters:
    ///   - policy: makes the policy, where episodes must be run.
    ///   - progress: called with the control steps done, of `rollouts.steps`.
    func obtain(_ policy: () throws -> any Policy, progress: (Int) -> Void) throws -> [Rollout] {
        let title = "\(cell.entry.id) in \(task.name) (\(maker.part.name), \(cell.condition)), starts \(starts)"
        let found = try maker.run.obtain(identity(), title) { folder, _ in
            let layout = try maker.data(cell.entry.view).layout
            let runner = RolloutRunner(
                try environment(), try policy(), layout: layout, stepLimit: settings.steps, pool: maker.pool)
            let rollouts = try runner.run(rolloutStarts) { step in
                try maker.run.interruption.check()
                progress(step)
            }
            try Safetensors.write(
                Self.tensors(rollouts, layout: layout),
                metadata: ["policy": cell.entry.id.name, "task": task.name, "condition": cell.condition.name],
                to: "\(folder)/\(Self.file)")
            return [Self.file]
        }
        return try Self.rollouts(found, layout: maker.data().layout)
    }

    /// Where they act, as the policy sees it.
    func environment() throws -> TabletopEnvironment {
        try TabletopEnvironment(task, like: maker.data(cell.entry.view).set, disturbance: cell.scene.disturbance(settings))
    }

    var rolloutStarts: [RolloutStart] { starts.map { RolloutStart($0, root: cell.root(study.settings)) } }

    private static func tensors(_ rollouts: [Rollout], layout: WindowLayout) -> [(name: String, tensor: Tensor)] {
        let queries = rollouts.enumerated().flatMap { index, rollout in rollout.queries.map { (index, $0) } }
        func perEpisode(_ value: (Rollout) -> Double) -> Tensor {
            Tensor(shape: [rollouts.count], values: rollouts.map { Float(value($0)) })
        }
        func perQuery(_ shape: [Int], _ values: [Float]) -> Tensor { Tensor(shape: [queries.count] + shape, values: values) }
        let first = queries[0].1
        return [
            ("start", perEpisode { Double($0.start) }), ("success", perEpisode { $0.isSuccess ? 1 : 0 }),
            ("progress", perEpisode(\.progress)), ("steps", perEpisode { Double($0.steps) }),
            (
                "final",
                Tensor(shape: [rollouts.count, first.state.count], values: rollouts.flatMap { $0.final.map(Float.init) })
            ),
            ("episode", perQuery([], queries.map { Float($0.0) })), ("step", perQuery([], queries.map { Float($0.1.step) })),
            ("state", perQuery([first.state.count], queries.flatMap { $0.1.state.map(Float.init) })),
            ("actions", perQuery([layout.horizon, first.actions.count / layout.horizon], queries.flatMap(\.1.actions))),
            (
                "recalled",
                perQuery([3], queries.flatMap { _, query -> [Float] in
                    let flag: Float = query.isOutOfDistribution.map { $0 ? 1 : 0 } ?? -1
                    return [Float(query.recalled?.demonstration ?? -1), Float(query.recalled?.frame ?? -1), flag]
                })
            ),
        ]
    }

    private static func rollouts(_ entry: StoreEntry, layout: WindowLayout) throws -> [Rollout] {
        let file = try Safetensors.decode(try entry.data(Self.file), from: "\(entry.path)/\(Self.file)")
        let count = try file.tensor("start").shape[0], queries = try file.tensor("step").shape[0]
        func perEpisode(_ name: String) throws -> [Float] { try file.finite(name, shape: [count]) }
        let (start, success, progress, steps) = try (
            perEpisode("start"), perEpisode("success"), perEpisode("progress"), perEpisode("steps")
        )
        let (episode, step) = try (file.finite("episode", shape: [queries]), file.finite("step", shape: [queries]))
        let states = try file.tensor("state"), actions = try file.tensor("actions")
        let recalled = try file.finite("recalled", shape: [queries, 3])
        let (stateWidth, width) = (states.values.count / queries, actions.values.count / queries)
        let finals = try file.finite("final", shape: [count, stateWidth])
        var rollouts = (0..<count).map { episode in
            Rollout(
                start: Int(start[episode]), isSuccess: success[episode] > 0, progress: Double(progress[episode]),
                steps: Int(steps[episode]), queries: [],
                final: finals[episode * stateWidth..<(episode + 1) * stateWidth].map(Double.init))
        }
        for query in 0..<queries {
            let (demonstration, frame, flag) = (recalled[3 * query], recalled[3 * query + 1], recalled[3 * query + 2])
            rollouts[Int(episode[query])].queries.append(
                Rollout.Query(
                    step: Int(step[query]), state: states.values[query * stateWidth..<(query + 1) * stateWidth].map(Double.init),
                    actions: Array(actions.values[query * width..<(query + 1) * width]),
                    recalled: demonstration < 0 ? nil : FrameReference(demonstration: Int(demonstration), frame: Int(frame)),
                    isOutOfDistribution: flag < 0 ? nil : flag > 0))
        }
        return rollouts
    }
}
