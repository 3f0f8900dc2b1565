import Basics
import Images
import Plots
import Probes
import Runs
import Store

/// Draws the figures and contact sheets of a run from its files, and says what it found in words.
struct ReportStage: Stage {
    let name = StageName.report
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: StageName.probe, of: run)
        try fingerprint.add("gnuplot", text: study.gnuplotVersion())
        fingerprint.add("code", text: run.store.code(in: ["Images", "Plots", "Probes", "Study/Report", "Study/Stages/ReportStage.swift"]))
        return fingerprint
    }

    /// What was drawn, so that a removed picture is drawn again.
    func outputs(_ run: RunContext) throws -> [String] {
        try ["claims.md", "figures.csv", ReportPage.file] + ["plots", "sheets"].flatMap { folder in
            FileSystem.exists(run.folder.path(folder))
                ? try FileSystem.list(run.folder.path(folder)).map { "\(folder)/\($0)" } : []
        }
    }

    func run(_ run: RunContext) throws {
        let tables = RunTables(study, run)
        let plots = try TrainingLossFigures(run: run, catalogue: study.catalogue).all() + AllProbes.all.flatMap { try $0.figures(tables) }
        let conditions = try study.conditions(run)
        let meter = run.progress.start("drawing", total: plots.count + 2 * conditions.count)
        defer { meter.finish() }
        let figures = KeptFigures(study: study, run: run)
        try figures.writer().write(
            plots, pool: study.pool, check: run.interruption.check, drawn: { meter.update($0, detail: $1) })
        try removeStale("plots", run, except: { file in plots.contains { !$0.isEmpty && file.hasPrefix($0.name + ".") } })
        let sheets = try sheets(run) { meter.update(plots.count + $0, detail: $1) }
        try FileSystem.makeFolder(run.folder.path("sheets"))
        for name in sheets.files where name != Self.titles { try AtomicFile.write(sheets.data(name), to: run.folder.path("sheets/\(name)")) }
        try removeStale("sheets", run, except: { $0 != Self.titles && sheets.files.contains($0) })
        let page = ClaimsPage(
            facts: try RunFacts(run.folder.path), rows: try tables.rows(ClaimRow.self), figures: plots.filter { !$0.isEmpty }.map(\.name),
            firstPage: try FirstPage(run: run.folder.path))
        try AtomicFile.write(page.markdown, to: run.folder.path("claims.md"))
        let drawn = plots.filter { !$0.isEmpty }.map { FigureRow(folder: "plots", figure: $0.name, title: $0.title) }
        let titles = try sheets.data(Self.titles)
        try run.write(Table(drawn + FigureRow.rows(csv: titles, file: Self.titles)), to: "figures.csv")
        try ReportPage(run.folder.path).write()
        run.log.info("\(plots.count) plots and \(sheets.files.count { $0.hasSuffix(".gp") }) contact sheets")
    }

    /// Pictures of what is no longer drawn must not stand beside those that are.
    private func removeStale(_ folder: String, _ run: RunContext, except isDrawn: (String) -> Bool) throws {
        for file in try FileSystem.list(run.folder.path(folder)) where !isDrawn(file) { try FileSystem.remove(run.folder.path("\(folder)/\(file)")) }
    }

    /// Of the sheets, among their files.
    private static let titles = "titles.csv"
    private static let sheetsKind = Identity.Kind(
        "sheets", code: ArithmeticCode.answers + ["Probes/Shared", "Plots", "Rollouts", "Study/Evidence", "Study/Report", "Study/Rollouts", "Study/Stages/ReportStage.swift"])

    /// The contact sheets and filmstrips, an entry of the store: `<condition>_<policy>` and `rollout_<policy>_<outcome>_<start>`.
    private func sheets(_ run: RunContext, _ drawn: @Sendable (_ done: Int, _ name: String) -> Void) throws -> StoreEntry {
        var fingerprint = Fingerprint()
        try fingerprint.add("settings", study.settings.ofAnswers)
        for stage in [StageName.query, StageName.rollouts] { try fingerprint.add(stage: stage, of: run) }
        fingerprint.add("filmstrips", text: "\(study.settings.rollouts.filmstrips)")
        try fingerprint.add("gnuplot", text: study.gnuplotVersion())
        return try run.obtain(Identity(Self.sheetsKind, fingerprint), "contact sheets") { folder, _ in
            let sheets = try StudySheets(
                data: study.data(run), conditions: study.conditions(run), run: run, catalogue: study.catalogue).all()
                as [any Figure] + (RolloutSource.of(study, run)?.filmstrips(study, run) ?? [])
            try PlotWriter(folder: folder, log: run.log, drawsPictures: study.drawsPictures).write(sheets, pool: study.pool, check: run.interruption.check, drawn: drawn)
            let titles = sheets.filter { !$0.isEmpty }.map { FigureRow(folder: "sheets", figure: $0.name, title: $0.title) }
            try AtomicFile.write(Table(titles).csv, to: "\(folder)/\(Self.titles)")
            // The folder of an entry holds its lock as well.
            return try [Self.titles] + FileSystem.list(folder).filter { file in titles.contains { file.hasPrefix($0.figure + ".") } }
        }
    }
}

extension Study {
    /// Of what draws pictures: with another one they are drawn again.
    fileprivate func gnuplotVersion() throws -> String {
        drawsPictures ? try ExternalProgram("gnuplot")?.run(["--version"]).output ?? "missing" : "no pictures"
    }
}

/// Figures as entries of the store: the same data and script give the same pictures.
private struct KeptFigures {
    let study: Study
    let run: RunContext
    private static let kind = Identity.Kind("figure", code: [])

    func writer() throws -> PlotWriter {
        let run = run, version = try study.gnuplotVersion()
        return PlotWriter(folder: run.folder.path("plots"), log: run.log, drawsPictures: study.drawsPictures) { figure, draw in
            var fingerprint = Fingerprint()
            fingerprint.add("name", text: figure.name)
            fingerprint.add("data", text: figure.table.csv)
            fingerprint.add("script", text: figure.script)
            for file in figure.attachments { fingerprint.add(file.name, text: FileHash.sha256(file.content)) }
            fingerprint.add("gnuplot", text: version)
            let entry = try run.obtain(Identity(Self.kind, fingerprint), "figure \(figure.name)") { folder, _ in try draw(folder) }
            return try entry.files.map { ($0, try entry.data($0)) }
        }
    }
}

/// Runs the probes over what the policies answered and writes their tables, `summary.csv`, what they say of the
/// oracles, the claims, and which probes were not asked and why.
struct ProbeStage: Stage {
    let name = StageName.probe
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: StageName.query, of: run)
        try fingerprint.add(stage: StageName.manifolds, of: run)
        try fingerprint.add(stage: StageName.rollouts, of: run)
        try fingerprint.add("probes", study.settings.probes)
        try fingerprint.add("rules", study.settings.rules)
        fingerprint.add("top_k", text: "\(study.settings.alt.topK)")
        fingerprint.add("code", text: run.store.code(in: ArithmeticCode.answers + ["Probes", "Study/Evidence", "Study/Stages/ReportStage.swift"]))
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] {
        try ["probes.csv", "summary.csv", "oracles.csv", "claims.csv"]
            + FileSystem.list(run.folder.path("probes")).map { "probes/\($0)" }
    }

    private static let matchesKind = Identity.Kind("matches", code: ArithmeticCode.answers + ["Study/Stages/EmbedStage.swift"])

    /// The best matches of the lookup table, an entry of the store.
    private func matches(_ run: RunContext) throws -> Table {
        let file = "matches.csv"
        var fingerprint = Fingerprint()
        try fingerprint.add("settings", study.settings.ofAnswers)
        try fingerprint.add(stage: StageName.query, of: run)
        fingerprint.add("top_k", text: "\(study.settings.alt.topK)")
        let entry = try run.obtain(Identity(Self.matchesKind, fingerprint), "matches of the lookup table") { folder, _ in
            guard let table = try PolicyMaker(study: study, run: run).table() else {
                throw Failure(.defect, "there is no lookup table to ask for its matches")
            }
            let matches = LookupMatches(data: try study.data(run), table: table, count: study.settings.alt.topK)
            try AtomicFile.write(try matches.table(study.conditions(run)).csv, to: "\(folder)/\(file)")
            return [file]
        }
        return try Table(csv: String(decoding: entry.data(file), as: UTF8.self), name: file)
    }

    func run(_ run: RunContext) throws {
        let inputs = ProbeInputs(study, run)
        let data = try study.data(run)
        var asked = try AskedProbes(study, inputs, data.summary(study.settings))
        if let line = asked.unnamedLine { run.log.info("\(line)") }
        for line in asked.lines("is not") { run.log.info("\(line)") }
        let probes = asked.probes
        if try PolicyMaker(study: study, run: run).hasTable() { try run.write(matches(run), to: "probes/alt_matches.csv") }
        var summary: [SummaryRow] = []
        let meter = run.progress.start("probing", total: probes.count)
        defer { meter.finish() }
        for (index, probe) in probes.enumerated() {
            try run.interruption.check()
            let result = try asked.result(of: probe) {
                try ProbeResults(probe: probe, study: study, run: run).obtain { try inputs.context(of: probe, $0, $1) }
            }
            if let result {
                for (name, table) in result.tables { try run.write(table, to: "probes/\(name).csv") }
                summary += result.summary
            } else {
                run.log.warning("\(probe.name) is not asked: \(asked.reasons[probe.name] ?? "")")
            }
            meter.update(index + 1, detail: probe.name)
        }
        let context = try inputs.context()
        try asked.removeTables(in: run.folder.path("probes"))
        try run.write(asked.table, to: "probes.csv")
        try run.write(Table(summary.map(\.record)), to: "summary.csv")
        try run.write(OracleTable(summary, context).table, to: "oracles.csv")
        try run.write(Claims(summary, context: context, unasked: asked.reasons).table, to: "claims.csv")
    }
}
