import Basics
import Foundation
import Synchronization

/// Keeps `provenance.json` in step with the run.
public final class ProvenanceFile: Sendable {
    private let path: String
    private let content: Mutex<Provenance>

    /// Adds this process as a new attempt to what is there.
    init(_ folder: RunFolder, settings: Settings, command: [String]) throws {
        path = folder.path("provenance.json")
        var provenance = FileSystem.exists(path)
            ? try JSONFile.read(Provenance.self, from: path)
            : Provenance(
                experiment: settings.experiment, configurationHash: folder.configurationHash, seed: settings.seed, dataset: nil,
                attempts: [])
        provenance.attempts.append(try .starting(command: command))
        content = Mutex(provenance)
        try JSONFile.write(provenance, to: path)
    }

    public var dataset: Provenance.Dataset? { content.withLock(\.dataset) }

    /// States the data that the run reads.
    public func record(_ dataset: Provenance.Dataset) throws {
        try JSONFile.write(content.withLock { provenance in
            provenance.dataset = dataset
            return provenance
        }, to: path)
    }

    func end(exitStatus: Int32) throws {
        try JSONFile.write(content.withLock { provenance in
            let last = provenance.attempts.count - 1
            provenance.attempts[last].end = Date().ISO8601Format()
            provenance.attempts[last].exitStatus = exitStatus
            return provenance
        }, to: path)
    }
}
