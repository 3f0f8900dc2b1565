import Basics

/// `stages/<name>.json`: written after a stage succeeded, read to skip it.
struct StageMarker: Codable, Equatable {
    var name: String
    var fingerprint: Fingerprint
    var outputs: [String]

    private static func path(_ name: String, _ folder: RunFolder) -> String { folder.path("stages/\(name).json") }

    /// nil when the stage has not finished.
    static func read(_ name: String, in folder: RunFolder) throws -> StageMarker? {
        guard FileSystem.exists(path(name, folder)) else { return nil }
        return try JSONFile.read(StageMarker.self, from: path(name, folder))
    }

    func write(in folder: RunFolder) throws { try JSONFile.write(self, to: Self.path(name, folder)) }

    /// Called before the stage works, so that a crash half-way cannot look finished.
    static func remove(_ name: String, in folder: RunFolder) throws { try FileSystem.remove(path(name, folder)) }

    /// Why the stage must run, or nil when it is unchanged.
    func reasonToRun(_ current: Fingerprint, in folder: RunFolder) -> String? {
        let changed = current.differences(from: fingerprint)
        if !changed.isEmpty { return "changed: \(changed.joined(separator: ", "))" }
        if let missing = outputs.first(where: { !FileSystem.exists(folder.path($0)) }) { return "missing: \(missing)" }
        return nil
    }
}
