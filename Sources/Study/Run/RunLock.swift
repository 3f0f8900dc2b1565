import Basics
import Foundation

/// Holds a run folder for one process: `flock` on its file `lock`, which carries the holder's process id.
///
/// The kernel releases the lock when the process ends, however it ends, so that a crash leaves no stale lock.
final class RunLock: Sendable {
    private let descriptor: Int32

    /// - Throws: `Failure` (`cannotCreate`) naming the holder when another process has the run.
    init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Failure(
                .creating(errno), "cannot create the run's lock", at: path, found: String(cString: strerror(errno)),
                remedy: "check that you may write to the run's folder")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.content(descriptor)
            close(descriptor)
            throw Failure(
                .cannotCreate, "another process is working on this run", at: PathName.folder(of: path),
                expected: "one process per run", found: "process \(holder.isEmpty ? "unknown" : holder) holds it",
                remedy: "wait for it to end, or stop it with `kill \(holder)`: it saves first and the run can be resumed")
        }
        let text = "\(getpid())"
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.utf8.count, 0) == text.utf8.count else {
            let found = String(cString: strerror(errno))
            close(descriptor)
            throw Failure(.inputOutput, "cannot write the run's lock", at: path, found: found, remedy: "check the free space (df -h)")
        }
    }

    deinit { close(descriptor) }

    private static func content(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
