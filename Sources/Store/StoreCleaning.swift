import Basics
import Foundation

/// What lies in a store that no run points to.
public struct StoreCleaning: Sendable {
    public struct Entry: Codable, Equatable, Sendable {
        public let path: String
        public let bytes: Int
        /// "finished", "begun" or "set aside".
        public let state: String
        /// First words of what it was made from.
        public let made: String
    }

    private let results: String
    private var store: String { "\(results)/\(Self.storeName)" }
    /// The store's folder below the results.
    public static let storeName = "store"
    /// The folder of a run that holds its links, a folder a stage.
    public static let pointersName = "store"

    public init(results: String) { self.results = results }

    /// Largest first.
    /// - Throws: `Failure` when a folder cannot be read.
    public func unused() throws -> [Entry] {
        guard FileSystem.isFolder(store) else { return [] }
        let used = try pointedTo()
        var entries: [Entry] = []
        for name in try FileSystem.everything(in: store) {
            let path = "\(store)/\(name)"
            if name == Store.asideName {
                for aside in try FileSystem.everything(in: path) {
                    entries.append(Entry(path: "\(path)/\(aside)", bytes: try FileSystem.size("\(path)/\(aside)"), state: "set aside", made: ""))
                }
            } else if !used.contains(name) {
                let isFinished = FileSystem.exists("\(path)/\(Store.manifestName)")
                entries.append(
                    Entry(
                        path: path, bytes: try FileSystem.size(path), state: isFinished ? "finished" : "begun",
                        made: isFinished ? try made("\(path)/\(Store.manifestName)") : ""))
            }
        }
        return entries.sorted { ($1.bytes, $0.path) < ($0.bytes, $1.path) }
    }

    private func made(_ manifest: String) throws -> String {
        do { return try SealedJSON.read(Manifest.self, from: manifest).maker.start } catch let failure as Failure where failure.kind == .data {
            return "damaged"
        }
    }

    /// Removes what `unused` listed and still is unused; an entry that a process works on is left alone.
    /// - Returns: what was removed.
    public func remove(_ entries: [Entry]) throws -> [Entry] {
        try entries.filter { entry in
            guard entry.state != "set aside" else {
                try FileSystem.removeTree(entry.path)
                return true
            }
            guard case .held(let lock) = try FileLock.attempt("\(entry.path)/\(Store.lockName)") else { return false }
            defer { withExtendedLifetime(lock) {} }
            // A run may have begun to use it since it was listed.
            guard try !pointedTo().contains(PathName.last(of: entry.path)) else { return false }
            let doomed = entry.path + Leftovers.suffix
            try FileSystem.rename(entry.path, to: doomed)
            try FileSystem.removeTree(doomed)
            return true
        }
    }

    /// Names of the entries that some run has a link to.
    private func pointedTo() throws -> Set<String> {
        var names: Set<String> = []
        for experiment in try FileSystem.folders(in: results) where PathName.last(of: experiment) != Self.storeName {
            for run in try FileSystem.folders(in: experiment) {
                let pointers = "\(run)/\(Self.pointersName)"
                guard FileSystem.isFolder(pointers) else { continue }
                for stage in try FileSystem.folders(in: pointers) { names.formUnion(try FileSystem.everything(in: stage)) }
            }
        }
        return names
    }
}
