import Basics
import Images
import Plots
import Probes

/// A row of a recorded `monitors.csv`: what one monitor said at one query of an episode.
struct MonitorRow: Record {
    var policy = "", condition = "", monitor = ""
    var start = 0, queryStep = 0
    var score = 0.0

    static var columns: [Column<MonitorRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("start", \.start), Column("query_step", \.queryStep),
            Column("monitor", \.monitor), Column("score", \.score),
        ]
    }

    private struct Key: Hashable { let policy: String, condition: String, start: Int }

    /// One record for each episode that monitors followed, in the order of the episodes.
    /// - Throws: `Failure` (`data`) where an episode of a followed policy, a query of it, or one of the monitors is missing, and for monitors of
    ///   an episode that is not there.
    static func records(_ rows: [MonitorRow], _ episodes: [EpisodeRecord], file: String) throws -> [EpisodeMonitorRecord] {
        var own = Dictionary(grouping: rows) { Key(policy: $0.policy, condition: $0.condition, start: $0.start) }
        // Of each policy, those of its first row: all its episodes have them.
        let monitors = Dictionary(grouping: rows, by: \.policy).mapValues { $0.distinct(\.monitor) }
        let records = try episodes.compactMap { episode -> EpisodeMonitorRecord? in
            guard let monitors = monitors[episode.policy.name], episode.queries > 0 else { return nil }
            let rows = own.removeValue(forKey: Key(policy: episode.policy.name, condition: episode.condition.name, start: episode.start)) ?? []
            func wrong(_ what: String, _ expected: String, _ found: String) -> Failure {
                Failure(.data, what, at: "\(file): \(episode.policy), \(episode.condition), start \(episode.start)", expected: expected, found: found)
            }
            let queries = Set(rows.map(\.queryStep)).sorted(), byMonitor = Dictionary(grouping: rows, by: \.monitor)
            guard queries.count == episode.queries else { throw wrong("monitors that were not asked at every query", "\(episode.queries) queries", "\(queries.count)") }
            guard !monitors.contains(EpisodeMonitorRecord.elapsedSteps) else {
                throw wrong("a monitor of a name that is taken", "names other than \(EpisodeMonitorRecord.elapsedSteps)", EpisodeMonitorRecord.elapsedSteps)
            }
            let scores = try monitors.map { monitor in
                let scores = (byMonitor[monitor] ?? []).sorted { $0.queryStep < $1.queryStep }
                guard scores.map(\.queryStep) == queries, scores.allSatisfy({ $0.score.isFinite }) else {
                    throw wrong("\(monitor) lacks a score, or has two", "one finite score at each of \(queries.count) queries", "\(scores.count) rows")
                }
                return (monitor, scores.map(\.score))
            }
            return EpisodeMonitorRecord(
                policy: episode.policy, isReference: episode.condition == .closedLoopReference, start: episode.start, isSuccess: episode.isSuccess,
                steps: episode.steps, queries: queries, scores: scores)
        }
        if let stray = own.keys.first {
            throw Failure(
                .data, "monitors of an episode that is not there", at: file, expected: "episodes of \(RecordedRollouts.episodesFile)",
                found: "\(stray.policy), \(stray.condition), start \(stray.start)")
        }
        return records
    }
}

/// A row of a recorded `films.csv`: one picture with a row of tiles for each camera and a column for each moment.
struct FilmRow: Record {
    /// Below the folder.
    var file = ""
    var policy = ""
    var start = 0
    var isSuccess = false
    /// Control steps of the moments, separated by `;`.
    var steps = ""
    var columnCount = 0, rowCount = 0
    /// Pixels of a tile's side.
    var tile = 0

    static var columns: [Column<FilmRow>] {
        [
            Column("file", \.file), Column("policy", \.policy), Column("start", \.start), Column("success", \.isSuccess), Column("steps", \.steps),
            Column("columns", \.columnCount), Column("rows", \.rowCount), Column("tile", \.tile),
        ]
    }

    private var moments: [Int] { steps.split(separator: ";").compactMap { Int($0) } }

    /// - Throws: `Failure` (`data`) for one of an episode that is not there, or a file elsewhere.
    func checked(_ path: String, _ episodes: [EpisodeRecord]) throws -> FilmRow {
        let episode = episodes.first { ($0.policy.name, $0.condition, $0.start, $0.isSuccess) == (policy, .closedLoop, start, isSuccess) }
        let isKnown = episode != nil, limit = episode?.steps ?? 0
        let isWhole = moments.count == columnCount && moments.allSatisfy((0...limit).contains) && moments.last == limit && (1...100).contains(columnCount) && (1...20).contains(rowCount) && (8...2000).contains(tile)
        let isBelow = file.hasPrefix("films/") && file.hasSuffix(".png") && !file.contains("..") && !file.dropFirst(6).contains("/")
        guard isKnown, isWhole, isBelow else {
            throw Failure(
                .data, "a film that is none", at: "\(path): \(file)", expected: "films/NAME.png of an episode in \(RecordedRollouts.episodesFile), a step for each column, the last its end",
                found: isKnown ? isWhole ? file : "\(columnCount) columns, steps \(steps), \(rowCount) rows, tiles of \(tile)" : "\(policy), start \(start)")
        }
        return self
    }

    /// - Throws: `Failure` where the picture is not of the size that the row says.
    func strip(folder: String, task: String, label: String) throws -> Filmstrip {
        let place = "\(folder)/\(file)", image = try RGBImage(png: place)
        guard image.width == columnCount * tile, image.height == rowCount * tile else {
            throw Failure(
                .data, "a film of another size", at: place, expected: "\(columnCount * tile) x \(rowCount * tile) pixels", found: "\(image.width) x \(image.height)")
        }
        let outcome = isSuccess ? "success" : "failure"
        let tiles = (0..<rowCount).map { row in (0..<columnCount).map { image.cropped(x: $0 * tile, y: row * tile, width: tile, height: tile) } }
        return Filmstrip(
            name: "rollout_\(policy)_\(outcome)_\(start)", title: "\(label), task \(task), start \(start): \(outcome) after \(moments.last ?? 0) control steps",
            tiles: try PictureTiles(tiles, side: tile, columnGap: 0.02, rowGap: 0.02), steps: moments)
    }
}
