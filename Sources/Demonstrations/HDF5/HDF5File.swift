import Basics
import CHDF5
import Foundation

/// An HDF5 file opened for reading only.
final class HDF5File {
    let path: String
    /// Bytes on disk; no dataset can store more than this.
    let byteCount: Int
    private let handle: HDF5Handle

    /// - Throws: `Failure`: `inputMissing` when there is no readable file, `data` when it is no whole HDF5 file.
    init(reading path: String) throws {
        HDF5Library.prepare()
        self.path = path
        self.byteCount = try Self.byteCountOfReadableFile(path)
        guard H5Fis_hdf5(path) > 0 else {
            _ = HDF5Library.lastError()
            throw Failure(
                .data, "this is not an HDF5 file", at: path, expected: "a file in robomimic's HDF5 layout",
                found: try Self.appearance(of: path, byteCount: byteCount),
                remedy: "check the path, or download the file again")
        }
        let access = try HDF5Handle(
            H5Pcreate(alt_h5_file_access()), closedBy: H5Pclose, "cannot prepare to open an HDF5 file", at: path)
        // Shared file systems often have no locks; a reader does not need one.
        H5Pset_file_locking(access.id, true, true)
        let id = H5Fopen(path, alt_h5_read_only(), access.id)
        guard id >= 0 else { throw Self.openingFailure(path, HDF5Library.lastError()) }
        handle = try HDF5Handle(id, closedBy: H5Fclose, "cannot open an HDF5 file", at: path)
    }

    /// The group `/`.
    func root() throws -> HDF5Group { try HDF5Group(in: handle.id, name: "/", path: "", file: self) }

    private static func byteCountOfReadableFile(_ path: String) throws -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw Failure(
                .inputMissing, "there is no such data file", at: path, found: String(cString: strerror(errno)),
                remedy: "check the path (relative paths start at the current folder)")
        }
        if let kind = FileSystem.kind(path), kind != .file {
            throw Failure(
                .data, "the data file is \(kind.rawValue)", at: path, expected: "an HDF5 file", found: kind.rawValue,
                remedy: kind == .folder ? "name the .hdf5 file inside it" : "name an .hdf5 file")
        }
        guard access(path, R_OK) == 0 else {
            throw Failure(
                .inputMissing, "the data file cannot be read", at: path, found: String(cString: strerror(errno)),
                remedy: "check the permissions of the file")
        }
        return Int(status.st_size)
    }

    private static func appearance(of path: String, byteCount: Int) throws -> String {
        guard byteCount > 0 else { return "an empty file" }
        guard let file = FileHandle(forReadingAtPath: path) else { return "\(byteCount) bytes" }
        let start = try file.read(upToCount: 64) ?? Data()
        try file.close()
        if start.starts(with: Data("version https://git-lfs".utf8)) {
            return "a Git LFS pointer instead of the file (run: git lfs pull)"
        }
        let isText = start.allSatisfy { $0 == 9 || $0 == 10 || $0 == 13 || ($0 >= 32 && $0 < 127) }
        return "\(byteCount) bytes of \(isText ? "text" : "another format")"
    }

    private static func openingFailure(_ path: String, _ reason: String) -> Failure {
        if reason.contains("truncated") {
            return Failure(
                .data, "the HDF5 file is truncated", at: path, expected: "a whole file", found: reason,
                remedy: "copy or download the file again")
        }
        if reason.contains("lock") {
            return Failure(
                .data, "the HDF5 file is being written by another process", at: path, found: reason,
                remedy: "wait until it is finished, or copy the file")
        }
        return Failure(
            .data, "the HDF5 file cannot be opened", at: path, found: reason,
            remedy: "it may be damaged or not closed by its writer; try h5clear -s, or copy it again")
    }
}

/// An identifier of the HDF5 library, closed when it goes out of scope.
struct HDF5Handle: ~Copyable {
    let id: hid_t
    private let close: @Sendable (hid_t) -> herr_t

    /// - Throws: a `Failure` of `kind` that carries the library's message, when `id` is negative.
    init(
        _ id: hid_t, closedBy close: @escaping @Sendable (hid_t) -> herr_t, _ what: String, at location: String,
        kind: Failure.Kind = .data
    ) throws {
        guard id >= 0 else {
            throw Failure(
                kind, what, at: location, found: HDF5Library.lastError(),
                remedy: "the file may be damaged; check it with h5ls or copy it again")
        }
        self.id = id
        self.close = close
    }

    deinit { _ = close(id) }
}

/// The process-wide state of the HDF5 C library: quiet, and closed to anything outside the opened file.
enum HDF5Library {
    /// Switches off plugins (code loaded from a path in the environment) and the following of external
    /// links (files named by the file). Happens once, before the first file is opened.
    private static let restricted: Bool = {
        H5open() >= 0 && H5PLset_loading_state(0) >= 0 && H5Lunregister(H5L_TYPE_EXTERNAL) >= 0
    }()

    /// Must run on the calling thread before a file is opened: the error stack belongs to the thread.
    static func prepare() {
        let ready = restricted
        precondition(ready, "the HDF5 library cannot be initialised")
        H5Eset_auto2(alt_h5_default_error_stack(), nil, nil)
    }

    /// The most specific message of the library's error stack, which is cleared.
    static func lastError() -> String {
        final class Messages { var all: [String] = [] }
        let messages = Messages()
        H5Ewalk2(
            alt_h5_default_error_stack(), H5E_WALK_UPWARD,
            { _, error, context in
                guard let text = error?.pointee.desc, let context else { return 0 }
                Unmanaged<Messages>.fromOpaque(context).takeUnretainedValue().all.append(String(cString: text))
                return 0
            }, Unmanaged.passUnretained(messages).toOpaque())
        H5Eclear2(alt_h5_default_error_stack())
        return messages.all.first ?? "the HDF5 library gives no reason"
    }
}
