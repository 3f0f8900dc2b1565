import Basics
import Probes

/// Runs of one study that differ in the seed, and with it in the division of the demonstrations, as one result: verdicts counted,
/// every endpoint's mean over runs with Student's 95 % interval over them, and, for what is known of every demonstration or start, the
/// mean with a 95 % percentile interval of a bootstrap over runs, then demonstrations or starts within a run.
///
/// Few runs say little of what lies between seeds: Student's interval over two is twelve standard errors wide, and a bootstrap over as
/// few is too narrow. Both stand beside the number of runs.
public struct RunPool {
    private let runs: [FinishedRun]
    private let labels: Labels
    private static let resamples = 2000

    /// - Throws: `Failure` (`usage`) for fewer than two runs, for runs of other settings, other data or an equal seed, and for one
    ///   without results; when files are damaged.
    public init(_ folders: [String]) throws {
        guard folders.count > 1 else {
            throw Failure(.usage, "pooling needs two runs", expected: "two or more runs of one study", found: "\(folders.count)")
        }
        runs = try FinishedRun.all(folders)
        labels = Labels([runs[0].facts.catalogue])
        for run in runs.dropFirst() { try Self.check(run, against: runs[0]) }
        for (place, run) in runs.enumerated() {
            guard let other = runs[..<place].first(where: { $0.facts.seed == run.facts.seed }) else { continue }
            throw Failure(
                .usage, "two runs have the same seed and are no two results", at: run.folder, expected: "runs of different seeds",
                found: "seed \(run.facts.seed), as \(other.folder)", remedy: "name one of them")
        }
    }

    private static func check(_ run: FinishedRun, against first: FinishedRun) throws {
        func differ(_ what: String, _ expected: String, _ found: String) -> Failure {
            Failure(.usage, "runs of different \(what) are not one study", at: run.folder, expected: expected, found: found, remedy: "`alt compare` puts them side by side")
        }
        guard run.facts.configurationHash == first.facts.configurationHash else {
            let other = Dictionary(first.facts.settings.lines) { first, _ in first }
            let changed = run.facts.settings.lines.filter { other[$0.key] != $0.value && !["seed", "workers", "data.path"].contains($0.key) }
            throw differ("settings", "the settings of \(first.folder)", changed.map { "\($0.key) \($0.value) in place of \(other[$0.key] ?? "none")" }.joined(separator: ", "))
        }
        guard run.facts.dataHash == first.facts.dataHash else {
            throw differ("data", "data \(first.facts.dataHash.prefix(8))", "\(run.facts.dataHash.prefix(8))")
        }
    }

    public func page() throws -> RunsPage {
        RunsPage(title: "\(runs[0].facts.experiment): \(runs.count) runs as one", tables: [what, claims, try twoLevels(), endpoints])
    }

    private var what: ComparedTable {
        let lines = runs.map { ["\($0.facts.seed)", $0.folder, $0.facts.program] }
        var table = Table(columns: ["seed", "folder", "program"])
        for (run, line) in zip(runs, lines) { table.append([.integer(run.facts.seed), .text(line[1]), .text(line[2])]) }
        return ComparedTable(name: "runs", title: "Runs", note: "Configuration \(runs[0].facts.configurationHash), data \(runs[0].facts.dataHash.prefix(8)).", columns: table.columns, lines: lines, table: table)
    }

    private var claims: ComparedTable {
        let rows = runs.flatMap { run in run.claims.distinct(\.claim).compactMap { id in run.claims.first { $0.claim == id } } }
        let lines = rows.distinct(\.claim).map { id in
            let own = rows.filter { $0.claim == id }
            return [id, own.map(\.claimVerdict).counted, own.first?.statement ?? ""]
        }
        var table = Table(columns: ["claim"] + Claim.Verdict.allCases.map { $0.rawValue.replacing(" ", with: "_") } + ["statement"])
        for line in lines {
            let own = rows.filter { $0.claim == line[0] }
            table.append([.text(line[0])] + Claim.Verdict.allCases.map { verdict in .integer(own.count { $0.claimVerdict == verdict.rawValue }) } + [.text(line[2])])
        }
        return ComparedTable(name: "claims", title: "Claims", note: "How many runs read what.", columns: ["claim", "verdicts", "says"], lines: lines, table: table)
    }

    private var endpoints: ComparedTable {
        let tables = runs.map(\.endpoints)
        let deciding = Set(runs.flatMap(\.deciding))
        let rows = runs.flatMap { $0.summary.map(EndpointKey.init) }.distinct.map { key in PooledRow(key, tables.compactMap { $0[key] }) }
        let shown = rows.filter { deciding.contains($0.key) }
        return ComparedTable(
            name: "endpoints", title: "Endpoints that decide a claim", note: "\(shown.count) of \(rows.count); mean over runs with Student's 95 % interval over them.",
            columns: ["endpoint", "policy", "condition", "mean", "from", "to", "runs", "verdicts"],
            lines: shown.map { row in
                [
                    labels.endpoint(row.endpoint), labels.policy(row.policy), labels.condition(row.condition.name), SummaryHeadline.interval(row.mean),
                    SummaryHeadline.short(row.smallest), SummaryHeadline.short(row.largest), "\(row.runs)", row.verdicts,
                ]
            }, table: Table(rows))
    }

    private func twoLevels() throws -> ComparedTable {
        var rows: [TwoLevelRow] = []
        let bootstrap = Resampling(seed: runs[0].facts.seed, purpose: "pool", resamples: Self.resamples)
        for measure in AllProbes.all.flatMap(\.sampleMeasures) {
            let means = try runs.map { try $0.means(measure) }
            for key in means.flatMap(\.keys).distinct.sorted() {
                let groups = means.compactMap { own in own[key].map { values in values.keys.sorted().compactMap { values[$0] } } }
                rows.append(TwoLevelRow(measure.name, measure.title, key, groups, measure.unit, "demonstration", bootstrap))
            }
        }
        let successes = runs.map(\.successes)
        for key in successes.flatMap(\.keys).distinct.sorted() {
            let groups = successes.compactMap { own in own[key].map { starts in starts.keys.sorted().map { starts[$0] == true ? 1.0 : 0 } } }
            rows.append(TwoLevelRow("success", "success on \(key.task)", key, groups, "share of episodes", "start", bootstrap))
        }
        let shown = rows.filter(\.key.isShown)
        return ComparedTable(
            name: "two_levels", title: "Over seeds, then demonstrations or starts", note: "Mean with a 95 % bootstrap interval over both levels.",
            columns: ["number", "policy", "condition", "mean", "runs", "n"],
            lines: shown.map { row in
                [
                    row.title, labels.policy(row.policy), labels.condition(row.condition.name), SummaryHeadline.interval(row.mean), "\(row.runs)",
                    "\(row.n) \(row.unit)s",
                ]
            }, table: Table(rows))
    }
}
