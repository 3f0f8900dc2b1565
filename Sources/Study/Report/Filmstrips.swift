import Basics
import Images
import Plots
import Policies
import Probes
import Rollouts
import Runs
import Tabletop

/// Episodes of the two policies that are compared first, a strip each: both cameras from the start to the end.
struct Filmstrips {
    let study: Study
    let run: RunContext

    private static let frames = 12, side = 120

    /// - Returns: the first successes and the first failures, `rollouts.filmstrips` of each.
    func all(_ plan: RolloutPlan) throws -> [Filmstrip] {
        let cells = plan.cells.filter { RolloutCell.isPrimary($0.entry, study.catalogue) && $0.part == .main && $0.scene == .plain && $0.purpose == .comparison }
        return try cells.flatMap { cell in
            let maker = PolicyMaker(study: study, run: run, part: cell.part), policies = AskedPolicies(maker)
            let rollouts = try cell.blocks(plan.task, maker).flatMap { block in
                try block.obtain {
                    try policies.policy(cell.entry)
                } progress: { _ in
                }
            }
            return try [true, false].flatMap { isSuccess in
                try rollouts.filter { $0.isSuccess == isSuccess }.prefix(study.settings.rollouts.filmstrips).map { rollout in
                    try strip(rollout, cell, plan.task)
                }
            }
        }
    }

    private func strip(_ rollout: Rollout, _ cell: RolloutCell, _ task: any TabletopTask) throws -> Filmstrip {
        let moments: [(step: Int, state: [Double])] = rollout.queries.map { ($0.step, $0.state) } + [(rollout.steps, rollout.final)]
        let count = min(Self.frames, moments.count)
        // Evenly spread, the first and the last among them.
        let chosen = (0..<count).map { moments[$0 * (moments.count - 1) / max(1, count - 1)] }
        var renderer = TabletopRenderer(fixtures: task.fixtures, width: Self.side, height: Self.side)
        let states = try chosen.map { try TabletopState(flat: $0.state) }
        let outcome = rollout.isSuccess ? "success" : "failure"
        return Filmstrip(
            name: "rollout_\(cell.entry.id)_\(outcome)_\(rollout.start)",
            title: """
                \(cell.entry.id.label), task \(task.name), start \(rollout.start): \(outcome) after \(rollout.steps) control steps, progress \
                \(SignificantDigits.shortened(rollout.progress, digits: 3))
                """,
            tiles: try PictureTiles(
                TabletopCamera.allCases.map { camera in states.map { renderer.image(of: $0, camera: camera) } }, side: Self.side, columnGap: 0.02,
                rowGap: 0.02),
            steps: chosen.map(\.step))
    }
}
