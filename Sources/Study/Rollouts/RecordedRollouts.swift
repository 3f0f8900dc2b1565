import Basics
import Plots
import Probes
import Runs
import Store

/// Episodes that were carried out in a simulator elsewhere, through `alt serve`: `episodes.csv` with the columns of `rollouts.csv`,
/// `monitors.csv`, `films.csv` with `films/*.png`, and `rollouts.json`, which says what they are episodes of. `alt rollouts import`
/// brings them into a run's folder `recorded`.
struct RecordedRollouts {
    /// Below a run's folder.
    static let folder = "recorded"
    static let header = "rollouts.json", episodesFile = "episodes.csv", monitorsFile = "monitors.csv", filmsFile = "films.csv"

    /// What of `rollouts.json` decides whether they belong to a run.
    struct Header: Decodable {
        let simulator: String, task: String
        let configuration: String, dataSha256: String
        let stepLimit: Int
        /// Whether every episode that was ordered is there.
        let finished: Bool
    }

    let header: Header
    let episodes: [EpisodeRecord]
    let monitors: [EpisodeMonitorRecord]
    let films: [FilmRow]
    /// Where they lie.
    let path: String

    /// Reads and checks a folder.
    /// - Throws: `Failure` (`data`) for episodes of another run, a policy or demonstration that the study does not have, an episode that
    ///   is there twice or longer than the limit, and a film that is none.
    init(_ path: String, of study: Study, _ run: RunContext) throws {
        self.path = path
        header = try JSONFile.read(Header.self, from: "\(path)/\(Self.header)")
        try Self.check(header, "\(path)/\(Self.header)", study, run)
        let data = try study.data(run), known = try Self.policies(study, run)
        let check = EpisodeCheck(
            file: "\(path)/\(Self.episodesFile)", policies: known, demonstrations: Set(data.set.episodes.map(\.name)), limit: header.stepLimit,
            trained: data.split.train.count)
        let rows = try check.named(EpisodeRecord.read(check.file))
        episodes = rows
        let monitorsPath = "\(path)/\(Self.monitorsFile)", filmsPath = "\(path)/\(Self.filmsFile)"
        monitors = FileSystem.exists(monitorsPath) ? try MonitorRow.records(MonitorRow.read(monitorsPath), episodes, file: monitorsPath) : []
        films = FileSystem.exists(filmsPath) ? try FilmRow.read(filmsPath).map { try $0.checked(filmsPath, rows) } : []
    }

    /// What was brought into the run; nil where nothing was.
    /// - Throws: `Failure` also where it was changed since.
    static func of(_ study: Study, _ run: RunContext) throws -> RecordedRollouts? {
        let path = run.folder.path(folder)
        guard try RecordedSeal.read(path) != nil else { return nil }
        return try RecordedRollouts(path, of: study, run)
    }

    private static func check(_ header: Header, _ file: String, _ study: Study, _ run: RunContext) throws {
        let own = run.folder.configuration, limit = study.settings.rollouts.steps
        func demand(_ isSo: Bool, _ what: String, expected: String, found: String, _ remedy: String) throws {
            guard !isSo else { return }
            throw Failure(.data, what, at: file, expected: expected, found: found, remedy: remedy)
        }
        let again = "carry the episodes out for this run"
        try demand(header.configuration == own.hash, "these are episodes of another run", expected: "configuration \(own.hash)", found: header.configuration, again)
        try demand(header.dataSha256 == own.dataHash, "these are episodes of policies of other demonstrations", expected: own.dataHash, found: header.dataSha256, again)
        try demand(header.stepLimit == limit, "the episodes had another limit", expected: "rollouts.steps \(limit)", found: "\(header.stepLimit)", again)
        try demand(header.finished, "not all episodes are there", expected: "\"finished\": true", found: "false", "the same command goes on with them")
    }

    /// Policies that can act here, by name, and the simulator's own expert.
    private static func policies(_ study: Study, _ run: RunContext) throws -> [String: PolicyID] {
        let acting = try RolloutOrder.cells(study, run).map(\.entry.id) + [Catalogue.expert]
        return Dictionary(acting.map { ($0.name, $0) }) { first, _ in first }
    }

    /// The films as figures.
    func filmstrips(_ study: Study) throws -> [Filmstrip] {
        try films.map { film in try film.strip(folder: path, task: header.task, label: episodes.first { $0.policy.name == film.policy }?.policy.label ?? film.policy) }
    }
}

/// What is demanded of each episode.
private struct EpisodeCheck {
    let file: String
    let policies: [String: PolicyID]
    let demonstrations: Set<String>
    let limit: Int
    /// Demonstrations that the policies learned from.
    let trained: Int

    /// The same episodes with the study's own policies.
    func named(_ rows: [EpisodeRecord]) throws -> [EpisodeRecord] {
        struct Key: Hashable { let policy: String, condition: String, start: Int }
        var seen: Set<Key> = []
        return try rows.enumerated().map { place, row in
            func wrong(_ what: String, _ expected: String, _ found: String, _ remedy: String? = nil) -> Failure {
                Failure(.data, what, at: "\(file), row \(place + 2)", expected: expected, found: found, remedy: remedy)
            }
            guard let policy = policies[row.policy.name] else {
                throw wrong(
                    "the run has no such policy that acts", policies.keys.sorted().joined(separator: ", "), row.policy.name,
                    NearestName.of(row.policy.name, among: Array(policies.keys)).map { "did you mean \($0)?" })
            }
            guard [.closedLoop, .closedLoopReference].contains(row.condition) else {
                throw wrong("episodes of an unknown kind", "\(Condition.closedLoop) or \(Condition.closedLoopReference)", "\(row.condition)")
            }
            guard policy.role == .expert || row.demonstrations == trained else {
                throw wrong("a policy of another number of demonstrations", "\(trained)", "\(row.demonstrations)")
            }
            guard seen.insert(Key(policy: policy.name, condition: row.condition.name, start: row.start)).inserted else {
                throw wrong("an episode that is there twice", "each start of a policy once", "\(policy.name), start \(row.start)")
            }
            guard (0...limit).contains(row.steps), row.isSuccess || row.steps == limit else {
                throw wrong("an episode that ends neither by success nor at the limit", "\(limit) steps, or success before", "\(row.steps) steps")
            }
            guard (0...1).contains(row.progress) else { throw wrong("progress is a share", "0 to 1", "\(row.progress)") }
            if let unknown = row.recalled.first(where: { !demonstrations.contains($0) }) {
                throw wrong("a demonstration that the file does not have", "names of \(demonstrations.count) demonstrations", unknown)
            }
            var named = row
            named.policy = policy
            return named
        }
    }
}
