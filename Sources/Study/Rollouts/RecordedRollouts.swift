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
    /// Where they lie.
    let path: String
    private let check: EpisodeCheck

    /// Reads the header; the tables are read and checked where they are asked for.
    /// - Throws: `Failure` (`data`) for episodes of another run.
    init(_ path: String, of study: Study, _ run: RunContext) throws {
        self.path = path
        header = try JSONFile.read(Header.self, from: "\(path)/\(Self.header)")
        try Self.check(header, "\(path)/\(Self.header)", study, run)
        let data = try study.data(run)
        check = EpisodeCheck(
            file: "\(path)/\(Self.episodesFile)", ordered: try RolloutOrder.cells(study, run), demonstrations: Set(data.set.episodes.map(\.name)),
            limit: header.stepLimit, trained: data.split.train.count)
    }

    /// What was brought into the run; nil where nothing was.
    /// - Throws: `Failure` also where it was changed since.
    static func of(_ study: Study, _ run: RunContext) throws -> RecordedRollouts? {
        let path = run.folder.path(folder)
        guard try RecordedSeal.read(path) != nil else { return nil }
        return try RecordedRollouts(path, of: study, run)
    }

    /// - Throws: `Failure` (`data`) for a policy or demonstration that the study does not have, an episode that is there twice or longer than
    ///   the limit.
    func episodes() throws -> [EpisodeRecord] { try check.named(EpisodeRecord.read(check.file)) }

    /// None without `monitors.csv`.
    func monitors(_ episodes: [EpisodeRecord]) throws -> [EpisodeMonitorRecord] {
        let file = "\(path)/\(Self.monitorsFile)"
        return FileSystem.exists(file) ? try MonitorRow.records(MonitorRow.read(file), episodes, file: file) : []
    }

    /// None without `films.csv`.
    func films(_ episodes: [EpisodeRecord]) throws -> [FilmRow] {
        let file = "\(path)/\(Self.filmsFile)"
        return FileSystem.exists(file) ? try FilmRow.read(file).map { try $0.checked(file, episodes) } : []
    }

    /// The films as figures.
    /// - Throws: `Failure` also for a picture that is not of the size that its row says.
    func filmstrips() throws -> [Filmstrip] {
        let episodes = try episodes(), labels = Dictionary(episodes.map { ($0.policy.name, $0.policy.label) }) { first, _ in first }
        return try films(episodes).map { try $0.strip(folder: path, task: header.task, label: labels[$0.policy] ?? $0.policy) }
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
}

/// What is demanded of the episodes: all that the run wants, each once, and of the simulator's own expert as many as there are.
private struct EpisodeCheck {
    let file: String
    let ordered: [RolloutCell]
    let demonstrations: Set<String>
    let limit: Int
    /// Demonstrations that the policies learned from.
    let trained: Int

    private struct Key: Hashable { let policy: PolicyID, condition: Condition, start: Int }

    /// The same episodes with the study's own policies.
    func named(_ rows: [EpisodeRecord]) throws -> [EpisodeRecord] {
        let policies = Dictionary((ordered.map(\.entry.id) + [Catalogue.expert]).map { ($0.name, $0) }) { first, _ in first }
        var seen: Set<Key> = []
        let named = try rows.enumerated().map { place, row in
            let row = try checked(row, policies, "\(file), row \(place + 2)")
            guard seen.insert(Key(policy: row.policy, condition: row.condition, start: row.start)).inserted else {
                throw Failure(
                    .data, "an episode that is there twice", at: "\(file), row \(place + 2)", expected: "each start of a policy once",
                    found: "\(row.policy), start \(row.start)")
            }
            return row
        }
        for cell in ordered {
            let there = (0..<cell.starts).count { seen.contains(Key(policy: cell.entry.id, condition: cell.condition, start: $0)) }
            let all = named.count { $0.policy == cell.entry.id && $0.condition == cell.condition }
            guard there == cell.starts, all == there else {
                throw Failure(
                    .data, "not the episodes that the run wants", at: file, expected: "\(cell.entry.id), \(cell.condition): starts 0 to \(cell.starts - 1)",
                    found: "\(there) of them\(all > there ? " and \(all - there) others" : "")",
                    remedy: "carry out the rest (the same command, without STARTS and POLICIES), or change rollouts in the study's settings: that is another run")
            }
        }
        return named
    }

    private func checked(_ row: EpisodeRecord, _ policies: [String: PolicyID], _ place: String) throws -> EpisodeRecord {
        func wrong(_ what: String, _ expected: String, _ found: String, _ remedy: String? = nil) -> Failure {
            Failure(.data, what, at: place, expected: expected, found: found, remedy: remedy)
        }
        guard let policy = policies[row.policy.name] else {
            throw wrong(
                "the run has no such policy that acts", policies.keys.sorted().joined(separator: ", "), row.policy.name,
                NearestName.of(row.policy.name, among: Array(policies.keys)).map { "did you mean \($0)?" })
        }
        let isExpert = policy.role == .expert
        guard [.closedLoop, .closedLoopReference].contains(row.condition) else {
            throw wrong("episodes of an unknown kind", "\(Condition.closedLoop) or \(Condition.closedLoopReference)", "\(row.condition)")
        }
        guard isExpert || row.demonstrations == trained else {
            throw wrong("a policy of another number of demonstrations", "\(trained)", "\(row.demonstrations)")
        }
        guard (0...limit).contains(row.steps), row.isSuccess || row.steps == limit else {
            throw wrong("an episode that ends neither by success nor at the limit", "\(limit) steps, or success before", "\(row.steps) steps")
        }
        guard (0...1).contains(row.progress) else { throw wrong("progress is a share", "0 to 1", "\(row.progress)") }
        guard isExpert || row.recalled.count == row.queries else {
            throw wrong("what was recalled is not known of every query", "\(row.queries) names of demonstrations", "\(row.recalled.count)", "serve the run with this program")
        }
        if let unknown = row.recalled.first(where: { !demonstrations.contains($0) }) {
            throw wrong("a demonstration that the file does not have", "names of \(demonstrations.count) demonstrations", unknown)
        }
        var named = row
        named.policy = policy
        // It learned from none; it stands beside the policies of these.
        if isExpert { named.demonstrations = trained }
        return named
    }
}
