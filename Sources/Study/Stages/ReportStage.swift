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
        for (index, plot) in plots.enumerated() {
            try run.interruption.check()
            try writer.write(plot)
            meter.update(index + 1, detail: plot.name)
        }
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
