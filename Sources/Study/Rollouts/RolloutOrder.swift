import Basics
import Probes
import Runs
import Store

/// What a simulator elsewhere is asked to carry out for a run, in the words of `alt rollouts plan`: the policies of the main study that
/// need no embedded simulator, in undisturbed scenes.
public struct RolloutOrder: Encodable, Sendable {
    public struct Episodes: Encodable, Sendable {
        /// As `alt serve RUN --policy` knows it.
        public let policy: String
        /// Of `rollouts.csv`: closed_loop, or closed_loop_reference for starts of their own.
        public let condition: String
        public let starts: Int
        /// Whether the first successes and failures are kept as pictures.
        public let films: Bool
        /// Whether the monitors' scores are asked for along these episodes.
        public let monitors: Bool
    }

    public let run, experiment, configuration, dataSha256: String
    /// Control steps after which an episode has failed.
    public let stepLimit: Int
    /// Successes and failures of which pictures are kept, so many of each.
    public let filmstrips: Int
    /// The demonstrations' own word of what made them, robomimic's `env_args`.
    public let envArgs: String?
    public let episodes: [Episodes]

    /// - Throws: `Failure` where the run's demonstrations are gone, or nobody is to act.
    public init(run path: String, program: ProgramIdentity, console: Console, interruption: Interruption) throws {
        let opened = try OpenedRun(path, program: program, console: console, interruption: interruption), study = opened.study
        try opened.demandSimulatorElsewhere()
        let cells = try Self.cells(study, opened.run), thresholds = Set(cells.filter { $0.purpose == .thresholds }.map(\.entry.id))
        guard !cells.isEmpty else {
            throw Failure(.data, "this run lets no policy act", at: path, expected: "policies in rollouts.policies", found: "none that can act here")
        }
        run = path
        (experiment, configuration, dataSha256) = (study.settings.experiment, opened.configuration.hash, opened.configuration.dataHash)
        (stepLimit, filmstrips) = (study.settings.rollouts.steps, study.settings.rollouts.filmstrips)
        envArgs = try study.data(opened.run).set.environment
        episodes = cells.map { cell in
            Episodes(
                policy: cell.entry.id.name, condition: cell.condition.name, starts: cell.starts,
                films: RolloutCell.isPrimary(cell.entry, study.catalogue) && cell.purpose == .comparison, monitors: thresholds.contains(cell.entry.id))
        }
    }

    static func cells(_ study: Study, _ run: RunContext) throws -> [RolloutCell] {
        guard study.settings.rollouts.policies != [] else { return [] }
        return try RolloutCell.wanted(study, study.data(run).set).filter { $0.part == .main && $0.scene == .plain && !$0.entry.needsSimulator }
    }
}
