import Basics
import Foundation
import Logging

/// What was made once and is used by every run that needs the same: `results/store/<kind>-<16 hex of its fingerprint>`.
///
/// An entry is worked on by one process at a time; others that need it wait and then find it. It is finished when its
/// `entry.json` is there, and used only while its files have the SHA-256 written there; anything else is set aside, with
/// a message, and made again. A run points to what it uses by symbolic links, which is how `alt clean` knows what is not used.
public struct Store: Sendable {
    public let folder: String
    public let program: ProgramIdentity
    let processor: String
    let log: Logger
    /// Called while waiting for another process; throws when a stop was asked for.
    let check: @Sendable () throws -> Void

    static let manifestName = "entry.json"
    static let lockName = "lock"

    /// - Parameter processor: of this machine, written down with what is made.
    public init(
        _ folder: String, program: ProgramIdentity, processor: String, log: Logger, check: @escaping @Sendable () throws -> Void
    ) {
        self.folder = folder
        self.program = program
        self.processor = processor
        self.log = log
        self.check = check
    }

    /// The name of an entry's folder.
    public func name(_ identity: Identity) -> String {
        "\(identity.kind.name)-\(identity.complete(program).digest.prefix(16))"
    }

    func path(_ identity: Identity) -> String { "\(folder)/\(name(identity))" }

    /// One text for the program's code in some files and folders of Sources.
    public func code(in folders: [String]) -> String { FileHash.sha256(text: program.arithmetic(of: Array(Set(folders)))) }

    /// Whether the entry is finished; its files are not looked at.
    public func has(_ identity: Identity) -> Bool { FileSystem.exists("\(path(identity))/\(Self.manifestName)") }

    /// Whether some process has begun to make the entry.
    public func isBegun(_ identity: Identity) -> Bool { FileSystem.exists(path(identity)) && !has(identity) }

    /// What has this identity: found when it is there and whole, else made by `make`.
    /// - Parameters:
    ///   - title: what it is, in messages.
    ///   - pointing: makes the run's link to the entry, before anything is made, so that nobody cleans it away.
    ///   - needed: files that it must have; a finished entry that lacks one is made complete.
    ///   - make: writes the files into the entry's folder, which may hold what an earlier attempt left there, and returns
    ///     their names. It is given the names of those that are there already, and returns them as well.
    /// - Throws: `Failure` of `make`, or when the store cannot be read or written; what was finished stays.
    public func obtain(
        _ identity: Identity, _ title: String, needed: [String] = [], pointing: (_ name: String) throws -> Void,
        make: (_ folder: String, _ present: [String]) throws -> [String]
    ) throws -> StoreEntry {
        let path = path(identity)
        let lock = try wait(for: path, title)
        defer { withExtendedLifetime(lock) {} }
        try pointing(name(identity))
        let present = try finished(identity, title)
        if let present, needed.allSatisfy(present.files.contains) { return present }
        try Leftovers.remove(in: path)
        let start = Date(), clock = ContinuousClock.now
        let files = try make(path, present?.files ?? [])
        let seconds = (ContinuousClock.now - clock) / .seconds(1)
        let manifest = Manifest(
            kind: identity.kind.name, fingerprint: identity.complete(program),
            files: try files.map { name in
                Manifest.File(
                    name: name, bytes: Int(try FileSystem.size("\(path)/\(name)")), sha256: try FileHash.sha256("\(path)/\(name)"))
            },
            maker: Maker(
                commit: program.commit, dirty: program.isDirty, processor: processor, start: start.ISO8601Format(),
                seconds: (seconds * 1000).rounded() / 1000))
        try SealedJSON.write(manifest, to: "\(path)/\(Self.manifestName)")
        return StoreEntry(path: path, manifest: manifest, wasFound: false)
    }

    private func wait(for path: String, _ title: String) throws -> FileLock {
        var isTold = false
        while true {
            try FileSystem.makeFolder(path)
            switch try FileLock.attempt("\(path)/\(Self.lockName)") {
            case .held(let lock): return lock
            case .taken(let holder):
                if !isTold { log.info("\(title): process \(holder) is working on it; waiting") }
                isTold = true
                try check()
                usleep(100_000)
            }
        }
    }

    /// The entry when all of it is as it was written. What is damaged is set aside.
    private func finished(_ identity: Identity, _ title: String) throws -> StoreEntry? {
        let path = path(identity), file = "\(path)/\(Self.manifestName)"
        guard FileSystem.exists(file) else { return nil }
        let manifest: Manifest
        do {
            manifest = try SealedJSON.read(Manifest.self, from: file)
        } catch let failure as Failure where failure.kind == .data {
            log.warning("\(title): \(file) is damaged; set aside, made again")
            try setAside(file)
            return nil
        }
        guard manifest.kind == identity.kind.name, manifest.fingerprint == identity.complete(program) else {
            log.warning("\(title): \(file) is of something else; set aside, made again")
            try setAside(file)
            return nil
        }
        for record in manifest.files {
            let name = "\(path)/\(record.name)"
            guard let damage = try damage(of: name, record) else { continue }
            log.warning("\(title): \(name) \(damage); set aside, made again")
            if FileSystem.exists(name) { try setAside(name) }
            try FileSystem.remove(file)
            return nil
        }
        return StoreEntry(path: path, manifest: manifest, wasFound: true)
    }

    private func damage(of path: String, _ record: Manifest.File) throws -> String? {
        guard FileSystem.exists(path), !FileSystem.isFolder(path) else { return "is missing" }
        return try FileHash.sha256(path) == record.sha256 ? nil : "does not have its recorded SHA-256"
    }

    /// Moves a damaged file or folder out of the way, into `set-aside`, where `alt clean` finds it.
    public func setAside(_ path: String) throws {
        let aside = "\(folder)/\(Self.asideName)"
        try FileSystem.makeFolder(aside)
        let name = path.split(separator: "/").suffix(3).joined(separator: "-")
        var target = "\(aside)/\(name)", number = 1
        while FileSystem.isThere(target) {
            number += 1
            target = "\(aside)/\(name)-\(number)"
        }
        try FileSystem.rename(path, to: target)
    }

    static let asideName = "set-aside"
}

/// A finished entry whose files were as recorded when it was obtained.
public struct StoreEntry: Sendable {
    public let path: String
    let manifest: Manifest
    /// Whether it was there before.
    public let wasFound: Bool

    public var name: String { PathName.last(of: path) }
    public var maker: Maker { manifest.maker }
    public var files: [String] { manifest.files.map(\.name) }

    /// The bytes of a file, compared with their recorded SHA-256 as they are read.
    /// - Throws: `Failure` when it changed since the entry was obtained.
    public func data(_ file: String) throws -> Data {
        guard let record = manifest.files.first(where: { $0.name == file }) else {
            throw Failure(.defect, "an entry of the store has no such file", at: path, expected: files.joined(separator: ", "), found: file)
        }
        let data = try FileSystem.read("\(path)/\(file)")
        guard FileHash.sha256(data) == record.sha256 else {
            throw Failure(
                .data, "a file of the store changed while it was used", at: "\(path)/\(file)", expected: "SHA-256 \(record.sha256)",
                found: FileHash.sha256(data), remedy: "run again: it is set aside and made again")
        }
        return data
    }
}

/// What a process that was killed leaves behind: files and folders that were still being written.
public enum Leftovers {
    public static let suffix = ".partial"

    /// Removes them in a folder and everything below it; links are not followed.
    public static func remove(in folder: String) throws {
        for name in try FileSystem.everything(in: folder) {
            let path = "\(folder)/\(name)"
            if name.hasSuffix(suffix) {
                try FileSystem.removeTree(path)
            } else if FileSystem.isFolder(path), !FileSystem.isLink(path) {
                try remove(in: path)
            }
        }
    }
}
