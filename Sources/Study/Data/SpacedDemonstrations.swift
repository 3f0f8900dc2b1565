import Basics
import Probes
import Runs
import Store
import Tabletop

/// Demonstrations of the study's task that lie nearer together or farther apart than its own, for P28: made as
/// `data.generate` says but for the starts and the expert's noise, low-dim alone. An entry of the store, `spacing/<cell>` in the run.
struct SpacedDemonstrations {
    let cell: SpacingCell
    let settings: Settings

    static let kind = Identity.Kind("demonstrations", code: ["Basics/RandomSource.swift", "Basics/Threads", "Images", "Demonstrations", "Tabletop"])
    private static let file = "demonstrations.hdf5"

    init(_ cell: SpacingCell, _ settings: Settings) {
        self.cell = cell
        self.settings = settings
    }

    private func configuration() throws -> TabletopGenerator.Configuration {
        guard var generate = settings.data.generate else {
            throw Failure(.defect, "demonstrations of another spacing are asked of a study that generates none", at: cell.name)
        }
        generate.starts = cell.starts.layout
        generate.expertNoise = cell.expertNoise
        return generate
    }

    /// Whether they are there, so that a look at a study makes none.
    func isMade(_ run: RunContext) throws -> Bool { try run.store.has(identity()) }

    func identity() throws -> Identity {
        var fingerprint = Fingerprint()
        try fingerprint.add("generate", configuration())
        return Identity(Self.kind, fingerprint)
    }

    /// From the store; else made now.
    func obtain(_ run: RunContext) throws -> (path: String, sha256: String) {
        let configuration = try configuration()
        let entry = try run.obtain(identity(), "demonstrations, \(cell.name)", as: "spacing/\(cell.name)", isRecorded: true) { folder, _ in
            _ = try DatasetGeneration.write(configuration, to: "\(folder)/\(Self.file)", hasImages: false, workers: settings.workers, progress: run.progress)
            return [Self.file]
        }
        return ("\(entry.path)/\(Self.file)", FileHash.sha256(try entry.data(Self.file)))
    }
}

extension SpacingCell.Starts {
    fileprivate var layout: StartLayout {
        switch self {
        case .continuous: .continuous
        case .grid: .grid
        }
    }
}
