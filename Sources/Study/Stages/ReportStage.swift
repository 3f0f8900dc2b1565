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

    func run(_ context: StudyContext) throws {
        let plots = try StudyPlots(tables: RunTables(folder: context.runFolder)).all()
        let writer = PlotWriter(folder: context.runFolder.path("plots"), log: context.log)
        let data = try cache.data(context)
        let conditions = try QueryConditions(data: data, settings: context.settings).all()
        let meter = context.progress.start("drawing", total: plots.count + conditions.count)
        defer { meter.finish() }
        for (index, plot) in plots.enumerated() {
            try context.interruption.check()
            try writer.write(plot)
            meter.update(index + 1, detail: plot.name)
        }
        let sheets = try StudySheets(data: data, conditions: conditions, folder: context.runFolder).all()
        try FileSystem.makeFolder(context.runFolder.path("sheets"))
        for (name, sheet) in sheets { try sheet.write(png: context.runFolder.path("sheets/\(name).png")) }
        context.log.info("\(plots.count) plots and \(sheets.count) contact sheets")
    }
}
