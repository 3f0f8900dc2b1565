import Basics
import Foundation
import Logging
import Synchronization
import Testing
import TestSupport

@testable import Store

@Suite struct StoreTests {
    /// A store in a folder of its own, with what it says.
    private final class Setting: Sendable {
        let results: String
        private let text = Mutex("")
        var said: String { text.withLock { $0 } }

        init() throws { results = try SharedData.temporaryFolder() }

        func store(_ program: ProgramIdentity = .undisclosed, check: @escaping @Sendable () throws -> Void = {}) -> Store {
            Store(
                results + "/store", program: program, processor: "processor",
                log: Logger(label: "test") { _ in Handler { more in self.text.withLock { $0 += more + "\n" } } }, check: check)
        }

        /// Links of a run to what it uses.
        func point(_ run: String, _ entry: String) throws {
            let folder = "\(results)/mine/\(run)/store/stage"
            try FileSystem.makeFolder(folder)
            try FileSystem.replaceLink("\(folder)/\(entry)", to: "../../../../store/\(entry)")
        }

        /// Makes or finds a file that holds `text`.
        @discardableResult
        func obtain(_ name: String, _ text: String = "text", store: Store? = nil, run: String = "run", made: (() -> Void)? = nil) throws -> StoreEntry {
            try (store ?? self.store()).obtain(Self.identity(name), name, pointing: { try point(run, $0) }) { folder, _ in
                made?()
                try AtomicFile.write(text, to: folder + "/file")
                return ["file"]
            }
        }

        static func identity(_ name: String) -> Identity {
            var fingerprint = Fingerprint()
            fingerprint.add("name", text: name)
            return Identity(Identity.Kind("thing", code: ["Compute"]), fingerprint)
        }
    }

    private struct Handler: LogHandler {
        let say: @Sendable (String) -> Void
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?

        init(say: @escaping @Sendable (String) -> Void) { self.say = say }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { say(event.message.description) }
    }

    @Test func `what was made once is found by everybody who needs the same`() throws {
        let setting = try Setting()
        let made = try setting.obtain("a"), found = try setting.obtain("a", run: "other")
        #expect(!made.wasFound && found.wasFound && made.path == found.path)
        #expect(try found.data("file") == Data("text".utf8))
        #expect(try !setting.obtain("b").wasFound)
    }

    @Test func `other code makes another thing`() throws {
        let setting = try Setting()
        let first = setting.store(ProgramIdentity(commit: "1", isDirty: false, code: ["Compute": "x", "Plots": "y"]))
        let unrelated = setting.store(ProgramIdentity(commit: "2", isDirty: true, code: ["Compute": "x", "Plots": "z"]))
        let other = setting.store(ProgramIdentity(commit: "3", isDirty: false, code: ["Compute": "w", "Plots": "y"]))
        try setting.obtain("a", store: first)
        let found = try setting.obtain("a", store: unrelated)
        #expect(found.wasFound && found.maker.commit == "1")
        #expect(try !setting.obtain("a", store: other).wasFound)
    }

    @Test(arguments: ["file", "entry.json"])
    func `a damaged entry is set aside with a message and made again`(file: String) throws {
        let setting = try Setting(), path = try setting.obtain("a").path + "/" + file
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var damaged = whole
        damaged[whole.count / 2] ^= 16
        try damaged.write(to: URL(fileURLWithPath: path))
        let again = try setting.obtain("a")
        #expect(!again.wasFound)
        #expect(try again.data("file") == Data("text".utf8))
        #expect(setting.said.contains("set aside, made again") && setting.said.contains(path))
        let aside = try FileSystem.everything(in: setting.results + "/store/set-aside")
        #expect(aside.count == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: setting.results + "/store/set-aside/" + aside[0])) == damaged)
    }

    @Test func `an entry that is changed while it is used is refused`() throws {
        let setting = try Setting(), entry = try setting.obtain("a")
        try Data("else".utf8).write(to: URL(fileURLWithPath: entry.path + "/file"))
        #expect(try #require(throws: Failure.self) { try entry.data("file") }.kind == .data)
    }

    @Test func `an entry of another fingerprint under the same name is not used`() throws {
        let setting = try Setting(), store = setting.store()
        let first = try setting.obtain("a", store: store)
        // What a copy into the wrong folder would look like.
        let wrong = setting.results + "/store/" + store.name(Setting.identity("b"))
        try FileManager.default.copyItem(atPath: first.path, toPath: wrong)
        let other = try setting.obtain("b", "other", store: store)
        #expect(try !other.wasFound && other.data("file") == Data("other".utf8))
        #expect(setting.said.contains("is of something else"))
    }

    @Test func `a failure keeps what was begun, and leftovers of a kill are gone`() throws {
        let setting = try Setting(), store = setting.store(), identity = Setting.identity("a")
        #expect(throws: Failure.self) {
            try store.obtain(identity, "a", pointing: { _ in }) { folder, _ in
                try AtomicFile.write("half", to: folder + "/state")
                try AtomicFile.write("x", to: folder + "/state.7.partial")
                throw Failure(.interrupted, "stopped")
            }
        }
        #expect(store.isBegun(identity) && !store.has(identity))
        let entry = try store.obtain(identity, "a", pointing: { _ in }) { folder, _ in
            #expect(FileSystem.exists(folder + "/state") && !FileSystem.exists(folder + "/state.7.partial"))
            try AtomicFile.write("whole", to: folder + "/file")
            return ["file"]
        }
        #expect(store.has(identity) && entry.files == ["file"])
    }

    @Test func `a finished entry that lacks a file is made complete`() throws {
        let setting = try Setting(), store = setting.store()
        try setting.obtain("a", store: store)
        let entry = try store.obtain(Setting.identity("a"), "a", needed: ["more"], pointing: { _ in }) { folder, present in
            #expect(present == ["file"])
            try AtomicFile.write("more", to: folder + "/more")
            return present + ["more"]
        }
        #expect(entry.files == ["file", "more"])
        #expect(try setting.obtain("a", store: store).files == ["file", "more"])
    }

    @Test func `of several that need the same at once, one makes it`() throws {
        let setting = try Setting(), count = Mutex(0)
        let waiting = DispatchGroup(), failures = Mutex(0)
        for number in 0..<4 {
            waiting.enter()
            Thread.detachNewThread {
                do {
                    try setting.obtain("a", run: "run\(number)") {
                        count.withLock { $0 += 1 }
                        usleep(150_000)
                    }
                } catch { failures.withLock { $0 += 1 } }
                waiting.leave()
            }
        }
        waiting.wait()
        #expect(count.withLock { $0 } == 1 && failures.withLock { $0 } == 0)
        #expect(setting.said.contains("is working on it; waiting"))
    }

    @Test func `a stop ends the waiting for another process`() throws {
        let setting = try Setting(), store = setting.store(check: { throw Failure(.interrupted, "stopped") })
        let folder = setting.results + "/store/" + store.name(Setting.identity("a"))
        try FileSystem.makeFolder(folder)
        guard case .held(let lock) = try FileLock.attempt(folder + "/lock") else {
            Issue.record("the lock is free")
            return
        }
        #expect(try #require(throws: Failure.self) { try setting.obtain("a", store: store) }.kind == .interrupted)
        withExtendedLifetime(lock) {}
    }

    @Test func `a lock is held by one, names its holder, and is free when the holder is gone`() throws {
        let path = try SharedData.temporaryFolder() + "/lock"
        #expect(try !FileLock.isHeld(path))
        var first: FileLock?
        if case .held(let lock) = try FileLock.attempt(path) { first = lock }
        #expect(try first != nil && FileLock.isHeld(path))
        guard case .taken(let holder) = try FileLock.attempt(path) else {
            Issue.record("two hold the lock")
            return
        }
        #expect(holder.hasPrefix("\(getpid()) on "))
        first = nil
        #expect(try !FileLock.isHeld(path))
        guard case .held = try FileLock.attempt(path) else {
            Issue.record("the lock is stale")
            return
        }
    }

    @Test func `a lock let go is free though a program that is being started still has a copy of its descriptor`() throws {
        let path = try SharedData.temporaryFolder() + "/lock"
        var held: FileLock?
        if case .held(let lock) = try FileLock.attempt(path) { held = lock }
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
        let own = try #require(descriptors.first { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path })
        let copy = dup(own)
        defer { close(copy) }
        #expect(try held != nil && FileLock.isHeld(path))
        held = nil
        #expect(try !FileLock.isHeld(path))
    }

    @Test func `what no run points to is listed with its size and removed when told to`() throws {
        let setting = try Setting()
        let used = try setting.obtain("used"), dropped = try setting.obtain("dropped", String(repeating: "x", count: 5000), run: "gone")
        try FileManager.default.removeItem(atPath: setting.results + "/mine/gone")
        let cleaning = StoreCleaning(results: setting.results)
        let unused = try cleaning.unused()
        #expect(unused.map(\.path) == [dropped.path] && unused[0].state == "finished" && unused[0].bytes > 5000)
        // Begun to be used again after the listing.
        try setting.point("run", dropped.name)
        #expect(try cleaning.remove(unused).isEmpty && FileSystem.exists(dropped.path))
        try FileManager.default.removeItem(atPath: setting.results + "/mine/run/store/stage/" + dropped.name)
        #expect(try cleaning.remove(unused) == unused)
        #expect(!FileSystem.exists(dropped.path) && FileSystem.exists(used.path))
        #expect(try cleaning.unused().isEmpty)
    }

    @Test func `an entry that a process works on is not cleaned away`() throws {
        let setting = try Setting(), entry = try setting.obtain("a", run: "gone")
        try FileManager.default.removeItem(atPath: setting.results + "/mine/gone")
        let cleaning = StoreCleaning(results: setting.results), unused = try cleaning.unused()
        guard case .held(let lock) = try FileLock.attempt(entry.path + "/lock") else {
            Issue.record("the lock is taken")
            return
        }
        #expect(try cleaning.remove(unused).isEmpty && FileSystem.exists(entry.path))
        withExtendedLifetime(lock) {}
    }
}
