import Basics
import Probes
import Runs
import Tabletop

/// Episodes of one policy in one scene.
struct RolloutCell: Sendable {
    /// What the episodes are for. Each purpose has starts of its own, so that nothing is decided by the starts that policies are
    /// compared on.
    enum Purpose: Sendable {
        case comparison
        /// Successes among them set the thresholds of monitors.
        case thresholds
        /// What the lookup table is made of is decided by them, see `ChoiceEpisodes`.
        case choice
    }

    let entry: CatalogueEntry
    let part: StudyPart
    let scene: RolloutScene
    let starts: Int
    var purpose = Purpose.comparison

    var condition: Condition {
        switch purpose {
        case .comparison: scene.condition
        case .thresholds: .closedLoopReference
        case .choice: .closedLoopChoice
        }
    }

    /// All parts and policies start alike.
    func root(_ settings: Settings) -> Seed {
        let root = settings.root / "rollouts"
        return switch purpose {
        case .comparison: root
        case .thresholds: root / "reference"
        case .choice: root / "choice"
        }
    }

    /// The episodes in blocks, each an entry of the store: a stop loses one block, and more starts find the earlier ones.
    /// - Parameter maker: of the cell's part.
    func blocks(_ task: any TabletopTask, _ maker: PolicyMaker) -> [RolloutBlock] {
        ranges.map { RolloutBlock(cell: self, starts: $0, task: task, maker: maker) }
    }

    var blockCount: Int { ranges.count }

    private var ranges: [Range<Int>] {
        stride(from: 0, to: starts, by: Self.blockSize).map { $0..<min(starts, $0 + Self.blockSize) }
    }

    private static let blockSize = 50
}

extension Study {
    /// What policies act in: the task of the simulator that made the demonstrations; nil where none did, no rollouts are wanted, or a policy
    /// is audited.
    func rolloutTask(_ run: RunContext) throws -> (any TabletopTask)? {
        settings.rollouts.policies == [] || settings.audit != nil ? nil : RecordedScenes.task(of: try data(run).set)
    }
}
