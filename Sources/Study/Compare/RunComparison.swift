import Basics
import Probes

/// Runs side by side: what they are, the settings that differ, verdicts, endpoints, and differences over the demonstrations and the
/// starts that they share. The first run is what the others are compared with.
///
/// A paired difference is the mean over shared demonstrations (or starts) of the run's number minus the first run's, both for one
/// policy and condition, with a 95 % percentile interval of a bootstrap over demonstrations; for success in the simulator with
/// Tango's 95 % interval over starts. Demonstrations are shared where both runs hold the same data and asked about them; starts where
/// seed and task are the same.
public struct RunComparison {
    private let runs: [FinishedRun]
    private let names: [String]
    private let labels: Labels
    private static let resamples = 2000

    /// - Throws: `Failure` for fewer than two runs, for one that has no results, and for files that are damaged.
    public init(_ folders: [String]) throws {
        guard folders.count > 1 else {
            throw Failure(.usage, "a comparison needs two runs", expected: "two or more runs' folders", found: "\(folders.count)")
        }
        runs = try FinishedRun.all(folders)
        names = folders.indices.map { "run \($0 + 1)" }
        labels = Labels(runs.map(\.facts.catalogue))
    }

    /// - Parameter all: every endpoint instead of those that decide a claim.
    public func page(all: Bool) throws -> RunsPage {
        RunsPage(title: "\(runs.count) runs side by side", tables: [what, settings, claims, endpoints(all), try paired()])
    }

    private var what: ComparedTable {
        var table = Table(columns: ["run", "folder", "fact", "value"])
        for (name, run) in zip(names, runs) {
            for fact in run.facts.lines + [("folder", run.folder)] { table.append([.text(name), .text(run.folder), .text(fact.name), .text(fact.value)]) }
        }
        let facts = runs[0].facts.lines.map(\.name)
        return ComparedTable(
            name: "runs", title: "Runs", note: "", columns: [""] + names,
            lines: [["folder"] + runs.map(\.folder)] + facts.indices.map { row in [facts[row]] + runs.map { $0.facts.lines[row].value } }, table: table)
    }

    private var settings: ComparedTable {
        let all = runs.map { Dictionary($0.facts.settings.lines) { first, _ in first } }
        let keys = runs.flatMap { $0.facts.settings.lines.map(\.key) }.distinct
        let lines = keys.compactMap { key -> [String]? in
            let values = all.map { $0[key] ?? "-" }
            return Set(values).count > 1 ? [key] + values : nil
        }
        var table = Table(columns: ["key"] + names.map(Self.column))
        for line in lines { table.append(line.map(Table.Cell.text)) }
        return ComparedTable(
            name: "settings", title: "Settings that differ",
            note: lines.isEmpty ? "None." : "Of the resolved configurations; - where a run has no such key.", columns: ["key"] + names, lines: lines,
            table: table)
    }

    private var claims: ComparedTable {
        let reports = runs.map { ClaimReport.all($0.claims, labels) }
        let ids = reports.flatMap { $0.map(\.id) }.distinct
        let lines = ids.map { id in
            let own = reports.map { $0.first { $0.id == id } }
            return [id] + own.map { $0?.verdict ?? "-" } + [own.compactMap { $0?.statement }.first ?? ""]
        }
        var table = Table(columns: ["claim"] + names.map { "\(Self.column($0))_verdict" } + ["statement"])
        for line in lines { table.append(line.map(Table.Cell.text)) }
        return ComparedTable(name: "claims", title: "Claims", note: "Verdicts under each run's own rules.", columns: ["claim"] + names + ["says"], lines: lines, table: table)
    }

    private func endpoints(_ all: Bool) -> ComparedTable {
        let tables = runs.map(\.endpoints)
        let keys = runs.flatMap { $0.summary.map(EndpointKey.init) }.distinct
        let deciding = Set(runs.flatMap(\.deciding))
        var table = Table(columns: ["endpoint", "policy", "condition", "unit"] + names.flatMap { name in
            ["value", "ci_low", "ci_high", "n", "verdict"].map { "\(Self.column(name))_\($0)" }
        })
        for key in keys {
            let rows = tables.map { $0[key] }
            let unit = rows.compactMap { $0?.valueUnit }.first ?? ""
            table.append(
                [.text(key.endpoint), .text(key.policy), .text(key.condition.name), .text(unit)]
                    + rows.flatMap { row -> [Table.Cell] in
                        [Table.Cell(row?.estimate.value), Table.Cell(row?.estimate.low), Table.Cell(row?.estimate.high), row.map { .integer($0.n) } ?? .missing, row.map { .text($0.verdict) } ?? .missing]
                    })
        }
        let shown = all ? keys : keys.filter(deciding.contains)
        return ComparedTable(
            name: "endpoints", title: all ? "Endpoints" : "Endpoints that decide a claim",
            note: "\(shown.count) of \(keys.count); values with 95 % intervals, each over its own run's units.", columns: ["endpoint", "policy", "condition"] + names,
            lines: shown.map { key in
                [labels.endpoint(key.endpoint), labels.policy(key.policy), labels.condition(key.condition.name)]
                    + tables.map { $0[key].map { SummaryHeadline.interval($0.estimate) } ?? "-" }
            }, table: table)
    }

    private func paired() throws -> ComparedTable {
        var rows: [PairedRow] = []
        for (name, run) in zip(names, runs).dropFirst() {
            rows += try demonstrations(name, run) + episodes(name, run)
        }
        let unshared = zip(names, runs).dropFirst().compactMap { name, run -> String? in
            let data = run.facts.dataHash != runs[0].facts.dataHash ? "holds other data than run 1, so that no demonstration is shared" : nil
            let seed = run.facts.seed != runs[0].facts.seed && !run.episodes.isEmpty ? "has another seed, so that no start is shared" : nil
            let said = [data, seed].compactMap { $0 }
            return said.isEmpty ? nil : "\(name) \(said.joined(separator: " and ")). "
        }
        return ComparedTable(
            name: "paired", title: "Paired differences to run 1",
            note: unshared.joined() + (rows.isEmpty ? "Nothing is shared." : "Mean over shared demonstrations or starts, 95 % interval over them; above 0 where the run's number is the larger."),
            columns: ["run", "number", "policy", "condition", "run 1", "run", "difference", "n"],
            lines: rows.filter(\.key.isShown).map { row in
                [
                    row.run, row.title, labels.policy(row.policy), labels.condition(row.condition.name), SummaryHeadline.short(row.first), SummaryHeadline.short(row.second),
                    SummaryHeadline.interval(row.difference), "\(row.n) \(row.unit)s",
                ]
            }, table: Table(rows))
    }

    private func demonstrations(_ name: String, _ run: FinishedRun) throws -> [PairedRow] {
        guard run.facts.dataHash == runs[0].facts.dataHash else { return [] }
        let resampling = Resampling(seed: runs[0].facts.seed, purpose: "compare", resamples: Self.resamples)
        return try AllProbes.all.flatMap(\.sampleMeasures).flatMap { measure -> [PairedRow] in
            let (first, second) = (try runs[0].means(measure), try run.means(measure))
            return first.keys.sorted().compactMap { key in
                guard key.condition != .train, let ours = first[key], let theirs = second[key] else { return nil }
                let shared = ours.keys.filter { theirs[$0] != nil }.sorted()
                let pairs = shared.compactMap { demonstration in ours[demonstration].flatMap { own in theirs[demonstration].map { (own, $0) } } }
                guard !pairs.isEmpty else { return nil }
                let difference = resampling.mean(pairs.map { $0.1 - $0.0 }, "\(measure.name) \(key.policy) \(key.condition)")
                let count = Double(pairs.count)
                return PairedRow(
                    run: name, number: measure.name, title: measure.title, policy: key.policy, condition: key.condition,
                    first: pairs.reduce(0) { $0 + $1.0 } / count, second: pairs.reduce(0) { $0 + $1.1 } / count, difference: difference,
                    valueUnit: measure.unit, n: pairs.count, unit: "demonstration")
            }
        }
    }

    private func episodes(_ name: String, _ run: FinishedRun) -> [PairedRow] {
        guard run.facts.seed == runs[0].facts.seed else { return [] }
        let (first, second) = (runs[0].successes, run.successes)
        return first.keys.sorted().compactMap { key in
            guard let ours = first[key], let theirs = second[key] else { return nil }
            let shared = ours.keys.filter { theirs[$0] != nil }.sorted()
            guard !shared.isEmpty else { return nil }
            let pair = PairedSuccess(first: shared.map { theirs[$0] ?? false }, second: shared.map { ours[$0] ?? false })
            let count = Double(shared.count)
            return PairedRow(
                run: name, number: "success", title: "success on \(key.task)", policy: key.policy, condition: key.condition,
                first: Double(pair.successesSecond) / count, second: Double(pair.successesFirst) / count, difference: pair.interval95,
                valueUnit: "share of episodes", n: shared.count, unit: "start")
        }
    }

    private static func column(_ name: String) -> String { name.replacing(" ", with: "_") }
}
