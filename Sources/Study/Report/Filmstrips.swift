import Basics
import Images
import Policies
import Probes
import Rollouts
import Runs
import Tabletop

/// Episodes of the two policies that are compared first, a strip each: both cameras from the start to the end.
struct Filmstrips {
    let study: Study
    let run: RunContext

    private static let frames = 12, tile = 120, gap = 4, header = 40

    /// - Returns: name and strip; the first successes and the first failures, `rollouts.filmstrips` of each. None without rollouts.
    func all() throws -> [(name: String, sheet: RGBImage)] {
        guard let plan = try RolloutPlan(study, run), study.settings.rollouts.filmstrips > 0 else { return [] }
        let cells = plan.cells.filter { RolloutPlan.primary.contains($0.entry.id.role) && $0.part == .main && $0.scene == .plain && $0.purpose == .comparison }
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
                    ("rollout_\(cell.entry.id)_\(isSuccess ? "success" : "failure")_\(rollout.start)", try strip(rollout, cell, plan.task))
                }
            }
        }
    }

    private func strip(_ rollout: Rollout, _ cell: RolloutCell, _ task: any TabletopTask) throws -> RGBImage {
        let moments: [(step: Int, state: [Double])] = rollout.queries.map { ($0.step, $0.state) } + [(rollout.steps, rollout.final)]
        let count = min(Self.frames, moments.count)
        // Evenly spread, the first and the last among them.
        let chosen = (0..<count).map { moments[$0 * (moments.count - 1) / max(1, count - 1)] }
        let cameras = TabletopCamera.allCases, width = Self.gap + count * (Self.tile + Self.gap)
        var sheet = RGBImage(
            width: max(width, 420), height: Self.header + cameras.count * (Self.tile + Self.gap) + 14, color: .white)
        sheet.drawText(
            "\(cell.entry.id), \(task.name), start \(rollout.start): \(rollout.isSuccess ? "success" : "failure")", x: Self.gap, y: 6,
            color: .black, scale: 2)
        sheet.drawText("progress \(SignificantDigits.shortened(rollout.progress)), \(rollout.steps) steps", x: Self.gap, y: 26, color: .black)
        var renderer = TabletopRenderer(fixtures: task.fixtures, width: Self.tile, height: Self.tile)
        for (place, moment) in chosen.enumerated() {
            let state = try TabletopState(flat: moment.state), left = Self.gap + place * (Self.tile + Self.gap)
            for (row, camera) in cameras.enumerated() {
                sheet.paste(renderer.image(of: state, camera: camera), x: left, y: Self.header + row * (Self.tile + Self.gap))
            }
            sheet.drawText("\(moment.step)", x: left, y: Self.header + cameras.count * (Self.tile + Self.gap) + 2, color: .black)
        }
        return sheet
    }
}
