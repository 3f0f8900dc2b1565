import Basics
import Runs
import Store

/// Brings episodes that were carried out elsewhere into a run's folder.
public struct RolloutImport {
    /// - Returns: a line on what was brought in.
    /// - Throws: `Failure` for episodes that are not this run's or not whole; the run then is as it was.
    public static func bring(_ folder: String, into path: String, program: ProgramIdentity, console: Console, interruption: Interruption) throws -> String {
        let opened = try OpenedRun(path, program: program, console: console, interruption: interruption)
        try opened.demandSimulatorElsewhere()
        let recorded = try RecordedRollouts(folder, of: opened.study, opened.run), episodes = try recorded.episodes()
        // Whatever the run will read of them is read once before anything is copied.
        _ = try recorded.monitors(episodes)
        _ = try recorded.filmstrips()
        let names = try [RecordedRollouts.header, RecordedRollouts.episodesFile]
            + [RecordedRollouts.monitorsFile, RecordedRollouts.filmsFile].filter { FileSystem.exists("\(folder)/\($0)") } + recorded.films(episodes).map(\.file)
        let place = "\(path)/\(RecordedRollouts.folder)", partial = "\(place).partial"
        if FileSystem.exists(partial) { try FileSystem.removeTree(partial) }
        try FileSystem.makeFolder("\(partial)/films")
        for name in names { try AtomicFile.write(FileSystem.read("\(folder)/\(name)"), to: "\(partial)/\(name)") }
        try RecordedSeal.write(names, in: partial)
        // What was brought in before goes as a whole: nothing of it may stand among the new.
        if FileSystem.exists(place) { try FileSystem.removeTree(place) }
        try FileSystem.rename(partial, to: place)
        let policies = episodes.distinct(\.policy)
        return "\(episodes.count) episodes of \(policies.count) policies in \(recorded.header.simulator), task \(recorded.header.task)"
    }
}

/// What was brought into a run, by the SHA-256 of every file: `recorded/recorded.json`.
struct RecordedSeal: Codable {
    let files: [String: String]

    private static func path(_ folder: String) -> String { "\(folder)/recorded.json" }

    static func write(_ names: [String], in folder: String) throws {
        let hashes = try names.map { ($0, try FileHash.sha256("\(folder)/\($0)")) }
        try SealedJSON.write(RecordedSeal(files: Dictionary(uniqueKeysWithValues: hashes)), to: path(folder))
    }

    /// Nil where nothing was brought in.
    /// - Throws: `Failure` (`data`) where a file is another now.
    static func read(_ folder: String) throws -> RecordedSeal? {
        guard FileSystem.exists(path(folder)) else { return nil }
        let seal = try SealedJSON.read(RecordedSeal.self, from: path(folder))
        for (name, hash) in seal.files.sorted(by: { $0.key < $1.key }) {
            let file = "\(folder)/\(name)", found = FileSystem.exists(file) ? try FileHash.sha256(file) : "no file"
            guard found == hash else {
                throw Failure(
                    .data, "a file of the imported episodes was changed", at: file, expected: "SHA-256 \(hash)", found: found,
                    remedy: "import the episodes again: alt rollouts import")
            }
        }
        return seal
    }

    /// What decides what the run makes of them.
    var fingerprint: String { FileHash.sha256(text: files.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: "\n")) }
}
