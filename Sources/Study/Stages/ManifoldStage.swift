import Basics
import Manifolds
import Synchronization

/// Learns and samples the curves of P17, a file a cell. A finished cell is kept when the run goes on after a stop.
struct ManifoldStage: Stage {
    let name = "manifolds"

    private func isWanted(_ context: StudyContext) -> Bool { context.settings.probes.names.contains("p17") }

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add("wanted", text: "\(isWanted(context))")
        try fingerprint.add("manifolds", context.settings.manifolds)
        fingerprint.add("seed", text: "\(context.settings.seed)")
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] {
        isWanted(context) ? context.settings.manifolds.cells.map(ManifoldFiles.path) : []
    }

    func run(_ context: StudyContext) throws {
        guard isWanted(context) else { return }
        let configuration = context.settings.manifolds, files = ManifoldFiles(folder: context.runFolder)
        try FileSystem.makeFolder(context.runFolder.path("manifolds"))
        let cells = configuration.cells, open = cells.filter { !files.isFinished($0) }
        if open.count < cells.count {
            context.log.info("manifolds: \(cells.count - open.count) of \(cells.count) cells are there")
        }
        // Counted in optimiser steps, because cells take very different times.
        let work = Dictionary(uniqueKeysWithValues: cells.map { ($0, configuration.work($0)) })
        let total = work.values.reduce(0, +), before = total - open.reduce(0) { $0 + (work[$1] ?? 0) }
        let meter = context.progress.start("manifolds", total: total, from: before)
        defer { meter.finish() }
        let done = Mutex<[ManifoldCell: Int]>([:])
        let interruption = context.interruption
        try ManifoldStudy(configuration, root: context.settings.root / "manifolds", workers: context.settings.workers)
            .run(open, keeper: files) { cell, step in
                try interruption.check()
                let sum = done.withLock { done in
                    done[cell] = configuration.work(cell, steps: step)
                    return done.values.reduce(0, +)
                }
                meter.update(before + sum, detail: cell.name)
            }
    }
}
