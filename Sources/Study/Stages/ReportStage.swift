import Basics
import Images

/// Draws the figures and contact sheets of a run from its files.
struct ReportStage: Stage {
    let name = "report"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "probe", of: context)
        return fingerprint
    }

    /// What was drawn, so that a removed picture is drawn again.
    func outputs(_ context: StudyContext) throws -> [String] {
        try ["plots", "sheets"].flatMap { folder in
            FileSystem.exists(context.runFolder.path(folder))
                ? try FileSystem.list(context.runFolder.path(folder)).map { "\(folder)/\($0)" } : []
        }
    }

    func run(_ context: StudyContext) throws {
        let tables = RunTables(path: context.runFolder.path)
        let plots: [any Figure] = try StudyPlots(tables: tables, rules: context.settings.rules).all() + tables.manifoldFigures()
        let writer = PlotWriter(folder: context.runFolder.path("plots"), log: context.log)
        let data = try cache.data(context)
        let conditions = try QueryConditions(data: data, settings: context.settings).all()
        let meter = context.progress.start("drawing", total: plots.count + 2 * conditions.count)
        defer { meter.finish() }
        for (index, plot) in plots.enumerated() {
            try context.interruption.check()
            try writer.write(plot)
            meter.update(index + 1, detail: plot.name)
        }
        let sheets = try StudySheets(data: data, conditions: conditions, folder: context.runFolder).all()
        try FileSystem.makeFolder(context.runFolder.path("sheets"))
        for (index, (name, sheet)) in sheets.enumerated() {
            try context.interruption.check()
            try sheet.write(png: context.runFolder.path("sheets/\(name).png"))
            meter.update(plots.count + index + 1, detail: name)
        }
        context.log.info("\(plots.count) plots and \(sheets.count) contact sheets")
    }
}
