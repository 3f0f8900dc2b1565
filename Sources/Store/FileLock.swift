import Basics
import Foundation

/// An exclusive lock on a file, between threads, processes and, where the file system carries locks (NFS with lockd,
/// Lustre mounted with `flock`), between machines. The file names the holder.
///
/// The kernel releases it when the process ends, however it ends, so that a crash leaves no stale lock.
public final class FileLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { Self.release(descriptor) }

    public enum Attempt {
        case held(FileLock)
        /// Another holder, as it wrote itself down.
        case taken(by: String)
    }

    /// - Throws: `Failure` when the file cannot be made or the file system has no locks.
    public static func attempt(_ path: String) throws -> Attempt {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                throw Failure(
                    .creating(errno), "cannot create a lock", at: path, found: text(errno),
                    remedy: "check that you may write there, or choose another place with --results DIR")
            }
            let lock = FileLock(descriptor)
            guard try lock.take(path) else { return .taken(by: lock.holder) }
            // Whoever held it may have removed the file meanwhile; a lock on a file without a name locks nobody out.
            guard lock.isNamed(path) else { continue }
            try lock.signIn(path)
            return .held(lock)
        }
    }

    /// Whether some process holds the lock; false where there is no such file.
    public static func isHeld(_ path: String) throws -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        // A shared lock does not disturb others who only look.
        defer { release(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    private func take(_ path: String) throws -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EWOULDBLOCK: return false
            case EINTR: continue
            default:
                throw Failure(
                    .inputOutput, "this file system gives no locks", at: path, expected: "flock", found: Self.text(errno),
                    remedy: "mount it with locks (NFS: lockd; Lustre: -o flock), or choose another place with --results DIR")
            }
        }
        return true
    }

    private func isNamed(_ path: String) -> Bool {
        var own = stat(), named = stat()
        return fstat(descriptor, &own) == 0 && stat(path, &named) == 0 && own.st_ino == named.st_ino && own.st_dev == named.st_dev
    }

    private func signIn(_ path: String) throws {
        let bytes = Array("\(getpid()) on \(ProcessInfo.processInfo.hostName)".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw Failure(.inputOutput, "cannot write a lock", at: path, found: Self.text(errno), remedy: "check the free space (df -h)")
        }
    }

    /// "123 on host".
    private var holder: String {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : "unknown"
    }

    /// Unlocks before it closes: a program that another thread is just starting (gnuplot) has a copy of every descriptor until it
    /// runs, and closing alone would leave the lock taken for as long.
    private static func release(_ descriptor: Int32) {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
