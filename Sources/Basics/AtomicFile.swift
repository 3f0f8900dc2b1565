import Foundation

/// Files written whole: a temporary name in the same folder, fsync, rename. A reader never sees half a file.
public enum AtomicFile {
    /// Writes `data` to `path`, replacing what is there.
    /// - Throws: `Failure` (`cannotCreate` when the folder cannot be written, `inputOutput` when writing fails).
    public static func write(_ data: Data, to path: String) throws {
        let temporary = path + ".\(getpid()).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Failure(
                .creating(errno), "cannot create a file", at: path, found: String(cString: strerror(errno)),
                remedy: "check that the folder exists and that you may write to it")
        }
        do {
            try data.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
            guard fsync(descriptor) == 0 else { throw systemFailure("cannot flush a file to disk", path) }
        } catch {
            // Closed as well: an open file without a name keeps its space on a full disk.
            close(descriptor)
            unlink(temporary)
            throw error
        }
        guard close(descriptor) == 0 else {
            let failure = systemFailure("cannot close a file", path)
            unlink(temporary)
            throw failure
        }
        guard rename(temporary, path) == 0 else {
            let failure = systemFailure("cannot replace a file", path)
            unlink(temporary)
            throw failure
        }
    }

    public static func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

    private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
        var offset = 0
        while offset < bytes.count {
            let written = Foundation.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw systemFailure("cannot write a file", path) }
            offset += written
        }
    }

    private static func systemFailure(_ what: String, _ path: String) -> Failure {
        Failure(
            .inputOutput, what, at: path, found: String(cString: strerror(errno)),
            remedy: "check the free space of the disk (df -h)")
    }
}
