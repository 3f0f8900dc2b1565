import Basics
import Images
import Tabletop

/// Steps of the embedded simulator on one core: an expert's actions done again.
final class SimulateTabletop: Measurable {
    private let episode: TabletopEpisode
    let flops = 0
    /// The states, written once.
    let bytes: Int
    var limit: MachineLimit { .bandwidth(bytes: bytes) }
    let note: String

    init(_ context: BenchmarkContext) throws {
        episode = try TabletopEpisode(steps: context.sizes.tabletopSteps)
        bytes = episode.states.count * episode.states[0].flat.count * MemoryLayout<Double>.stride
        note = "\(episode.actions.count) steps of \(episode.task.name) on one core"
    }

    func run() { _ = replay() }

    private func replay() -> TabletopState {
        var simulator = TabletopSimulator(task: episode.task, state: episode.states[0])
        for action in episode.actions { simulator.step(action) }
        return simulator.state
    }

    /// The same actions end in the same state.
    func check() throws {
        let end = replay(), expected = episode.end
        try ResultCheck.require(
            end == expected, "the same actions end in another state", row: "simulate_tabletop", expected: "\(expected.flat)",
            found: "\(end.flat)")
    }
}

/// An episode's states drawn by both cameras on one core.
final class RenderTabletop: Measurable {
    private let episode: TabletopEpisode
    private var renderer: TabletopRenderer
    private let side: Int
    let flops = 0
    /// The pictures, written once.
    let bytes: Int
    var limit: MachineLimit { .bandwidth(bytes: bytes) }
    let note: String

    init(_ context: BenchmarkContext) throws {
        // A tenth of the simulated steps: drawing one takes hundreds of times as long.
        episode = try TabletopEpisode(steps: max(1, context.sizes.tabletopSteps / 10))
        side = context.sizes.frameSize
        renderer = TabletopRenderer(fixtures: episode.task.fixtures, width: side, height: side)
        bytes = episode.states.count * TabletopCamera.allCases.count * side * side * 3
        note = "\(episode.states.count) states of \(episode.task.name), both cameras at \(side) x \(side), on one core"
    }

    func run() {
        for state in episode.states {
            for camera in TabletopCamera.allCases { _ = renderer.image(of: state, camera: camera) }
        }
    }

    /// A renderer that has drawn other states draws as a new one does.
    func check() throws {
        run()
        for state in [episode.states[0], episode.end] {
            for camera in TabletopCamera.allCases {
                var fresh = TabletopRenderer(fixtures: episode.task.fixtures, width: side, height: side)
                try ResultCheck.require(
                    renderer.image(of: state, camera: camera) == fresh.image(of: state, camera: camera),
                    "a state is drawn differently the second time", row: "render_tabletop", expected: "equal pixels",
                    found: "others from \(camera.rawValue)")
            }
        }
    }
}

/// Consecutive states of a task and the actions between them.
private struct TabletopEpisode {
    let task: any TabletopTask
    private(set) var states: [TabletopState] = []
    private(set) var actions: [[Double]] = []
    let end: TabletopState

    init(steps: Int) throws {
        task = try TabletopGenerator.task(named: "lift")
        let seed = BenchmarkContext.seed / "tabletop"
        var simulator = TabletopSimulator(task: task, seed: seed)
        var expert = task.expert(at: simulator.state, style: ExpertStyle(seed: seed), seed: seed)
        for _ in 0..<steps {
            states.append(simulator.state)
            actions.append(expert.action(at: simulator.state))
            simulator.step(actions[actions.count - 1])
        }
        end = simulator.state
    }
}
