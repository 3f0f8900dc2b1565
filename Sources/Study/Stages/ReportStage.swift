import Basics
import Images
import Plots
import Probes
import Runs

/// Draws the figures and contact sheets of a run from its files.
struct ReportStage: Stage {
    let name = "report"
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "probe", of: run)
        return fingerprint
    }

    /// What was drawn, so that a removed picture is drawn again.
    func outputs(_ run: RunContext) throws -> [String] {
        try ["plots", "sheets"].flatMap { folder in
            FileSystem.exists(run.folder.path(folder))
                ? try FileSystem.list(run.folder.path(folder)).map { "\(folder)/\($0)" } : []
        }
    }

    func run(_ run: RunContext) throws {
        let tables = RunTables(study, run)
        let plots = try TrainingLossFigures(run: run).all() + AllProbes.all.flatMap { try $0.figures(tables) }
        let writer = PlotWriter(folder: run.folder.path("plots"), log: run.log)
        let data = try study.data(run)
        let conditions = try study.conditions(run)
        let meter = run.progress.start("drawing", total: plots.count + 2 * conditions.count)
        defer { meter.finish() }
        try writer.write(
            plots, pool: study.pool, check: run.interruption.check, drawn: { meter.update($0, detail: $1) })
        let sheets = try StudySheets(data: data, conditions: conditions, folder: run.folder, catalogue: study.catalogue).all()
        try FileSystem.makeFolder(run.folder.path("sheets"))
        for (index, (name, sheet)) in sheets.enumerated() {
            try run.interruption.check()
            try sheet.write(png: run.folder.path("sheets/\(name).png"))
            meter.update(plots.count + index + 1, detail: name)
        }
        run.log.info("\(plots.count) plots and \(sheets.count) contact sheets")
    }
}

/// Runs the probes over what the policies answered and writes their tables, `summary.csv`, what they say of the
/// oracles, the claims, and which probes were not asked and why.
struct ProbeStage: Stage {
    let name = "probe"
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "query", of: run)
        try fingerprint.add(stage: "manifolds", of: run)
        try fingerprint.add("probes", study.settings.probes)
        try fingerprint.add("rules", study.settings.rules)
        fingerprint.add("top_k", text: "\(study.settings.alt.topK)")
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] { ["probes.csv", "summary.csv", "oracles.csv", "claims.csv", "claims.md"] }

    func run(_ run: RunContext) throws {
        let inputs = ProbeInputs(study, run)
        let data = try study.data(run)
        var asked = try AskedProbes(study, inputs, data.summary(study.settings))
        if let line = asked.unnamedLine { run.log.info("\(line)") }
        for line in asked.lines("is not") { run.log.info("\(line)") }
        let probes = asked.probes
        if let table = try PolicyMaker(study: study, run: run).table() {
            let matches = LookupMatches(data: data, table: table, count: study.settings.alt.topK)
            try run.write(try matches.table(study.conditions(run)), to: "probes/alt_matches.csv")
        }
        let context = try inputs.context(needs: probes.reduce(into: []) { $0.formUnion($1.needs) })
        var summary: [SummaryRow] = []
        let meter = run.progress.start("probing", total: probes.count)
        defer { meter.finish() }
        for (index, probe) in probes.enumerated() {
            try run.interruption.check()
            if let result = try asked.result(of: probe, context) {
                for (name, table) in result.tables { try run.write(table, to: "probes/\(name).csv") }
                summary += result.summary
            } else {
                run.log.warning("\(probe.name) is not asked: \(asked.reasons[probe.name] ?? "")")
            }
            meter.update(index + 1, detail: probe.name)
        }
        try asked.removeTables(in: run.folder.path("probes"))
        try run.write(asked.table, to: "probes.csv")
        try run.write(Table(summary.map(\.record)), to: "summary.csv")
        try run.write(OracleTable(summary, context).table, to: "oracles.csv")
        try run.write(Claims(summary, context: context, unasked: asked.reasons).table, to: "claims.csv")
        try AtomicFile.write(try ClaimsText(run.folder.path("claims.csv")).markdown, to: run.folder.path("claims.md"))
    }
}
