import Basics
import Probes
import Runs
import Store
import Synchronization

/// Learns and samples the curves of P17, a file a cell. A finished cell is kept when the run goes on after a stop.
struct ManifoldStage: Stage {
    let name = StageName.manifolds
    let study: Study

    var isWanted: Bool {
        study.settings.audit == nil && AllProbes.all.contains { $0.needs.contains(.manifolds) && study.settings.probes.names.contains($0.name) }
    }

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add("wanted", text: "\(isWanted)")
        guard isWanted else { return fingerprint }
        let files = ManifoldFiles(study.settings, run)
        fingerprint.add("cells", list: files.configuration.cells.map { run.store.name(files.identity($0)) })
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] {
        isWanted ? study.settings.manifolds.cells.map(ManifoldFiles.path) : []
    }

    func run(_ run: RunContext) throws {
        guard isWanted else { return }
        let files = ManifoldFiles(study.settings, run), configuration = files.configuration
        let cells = configuration.cells, open = cells.filter { !files.isFinished($0) }
        if open.count < cells.count {
            run.log.info("manifolds: \(cells.count - open.count) of \(cells.count) cells are there")
        }
        // Counted in optimiser steps, because cells take very different times.
        let work = Dictionary(uniqueKeysWithValues: cells.map { ($0, configuration.work($0)) })
        let total = work.values.reduce(0, +), before = total - open.reduce(0) { $0 + (work[$1] ?? 0) }
        let meter = run.progress.start("manifolds", total: total, from: before)
        defer { meter.finish() }
        // The found ones too: the run points to them, and what is damaged is learned again.
        let done = Mutex<[ManifoldCell: Int]>([:])
        let interruption = run.interruption
        try ManifoldStudy(configuration, root: files.root, pool: study.pool)
            .run(cells, keeper: files) { cell, step in
                try interruption.check()
                let sum = done.withLock { done in
                    done[cell] = configuration.work(cell, steps: step)
                    return done.values.reduce(0, +)
                }
                meter.update(before + sum, detail: cell.name)
            }
    }
}
