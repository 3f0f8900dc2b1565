import Foundation

/// Folders and durable names, with errors that say what to do.
public enum FileSystem {
    /// Makes a folder and those above it; one that is there already is fine.
    public static func makeFolder(_ path: String) throws {
        guard !isFolder(path) else { return }
        let parent = PathName.folder(of: path)
        if !parent.isEmpty, parent != path { try makeFolder(parent) }
        guard mkdir(path, 0o755) != 0 else { return }
        let code = errno
        // Another process may have made it in between.
        guard code != EEXIST || !isFolder(path) else { return }
        throw cannotCreate(path, code)
    }

    /// Makes a folder that must not exist.
    /// - Returns: false when it exists already.
    public static func makeFolderExclusively(_ path: String) throws -> Bool {
        if mkdir(path, 0o755) == 0 { return true }
        if errno == EEXIST { return false }
        throw cannotCreate(path, errno)
    }

    /// Whether there is a file or folder.
    public static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether there is a folder, or a link to one.
    public static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// What can lie at a path.
    public enum Kind: String, Sendable {
        case file = "a file"
        case folder = "a folder"
        case pipe = "a pipe"
        case device = "a device"
        case socket = "a socket"
    }

    /// What lies at a path, links followed; nil for nothing. Only a file is read to its end: a pipe or device may have none.
    public static func kind(_ path: String) -> Kind? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFIFO: return .pipe
        case S_IFSOCK: return .socket
        default: return .device
        }
    }

    /// Names in a folder, sorted, without hidden ones.
    public static func list(_ path: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            throw Failure(.inputOutput, "cannot list a folder", at: path, found: error.localizedDescription)
        }
    }

    /// Every name in a folder, sorted.
    public static func everything(in path: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw Failure(.inputOutput, "cannot list a folder", at: path, found: error.localizedDescription)
        }
    }

    /// The paths of the folders in a folder, sorted; links to folders count.
    public static func folders(in path: String) throws -> [String] { try everything(in: path).map { "\(path)/\($0)" }.filter(isFolder) }

    /// Whether there is a symbolic link, wherever it points.
    public static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Whether there is anything of that name, a link to nothing included.
    public static func isThere(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Bytes of a file, or of all files below a folder; links are not followed.
    public static func size(_ path: String) throws -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { return 0 }
        guard status.st_mode & S_IFMT == S_IFDIR else { return Int(status.st_size) }
        return try everything(in: path).reduce(0) { try $0 + size("\(path)/\($1)") }
    }

    /// Removes a file or link, or a folder with everything in it; nothing there is fine.
    public static func removeTree(_ path: String) throws {
        guard !isLink(path), isFolder(path) else { return try remove(path) }
        for name in try everything(in: path) { try removeTree("\(path)/\(name)") }
        guard rmdir(path) != 0, errno != ENOENT else { return }
        throw failure("cannot remove a folder", path)
    }

    /// Removes a file; one that is absent is fine.
    public static func remove(_ path: String) throws {
        guard unlink(path) != 0, errno != ENOENT else { return }
        throw failure("cannot remove a file", path)
    }

    /// Renames a file or folder and makes the new name durable.
    public static func rename(_ path: String, to target: String) throws {
        guard Foundation.rename(path, target) == 0 else {
            throw failure("cannot rename", path)
        }
        let parent = PathName.folder(of: target)
        let descriptor = open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Some file systems cannot flush a folder and say so.
        guard fsync(descriptor) != 0, ![EINVAL, ENOTSUP].contains(errno) else { return }
        throw failure("cannot make a new name durable", path)
    }

    /// Where a symbolic link points, as written in it; nil when it is none.
    public static func target(ofLink path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// Makes the content of a file that another program wrote durable.
    public static func flush(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(.inputOutput, "cannot open a file", at: path, found: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw Failure(
                .inputOutput, "cannot flush a file to disk", at: path, found: String(cString: strerror(errno)),
                remedy: "check the free space of the disk (df -h)")
        }
    }

    /// Points the symbolic link at `path` to `target`, atomically; one that does already stays.
    public static func replaceLink(_ path: String, to target: String) throws {
        guard self.target(ofLink: path) != target else { return }
        // Where nothing is, a link is made at once or not at all.
        if !isThere(path), symlink(target, path) == 0 { return }
        let temporary = path + ".partial"
        try remove(temporary)
        guard symlink(target, temporary) == 0 else {
            throw Failure(
                .creating(errno), "cannot create a link", at: path, found: String(cString: strerror(errno)),
                remedy: "check the disk (df -h), and that the file system has symbolic links")
        }
        try rename(temporary, to: path)
    }

    /// A whole file.
    /// - Throws: `Failure` (`inputMissing` or `inputOutput`).
    public static func read(_ path: String) throws -> Data {
        guard let kind = kind(path) else { throw Failure(.inputMissing, "a file does not exist", at: path) }
        guard kind == .file else { throw Failure(.inputOutput, "cannot read a file", at: path, expected: Kind.file.rawValue, found: kind.rawValue) }
        do {
            return try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw Failure(.inputOutput, "cannot read a file", at: path, found: error.localizedDescription)
        }
    }

    /// The failure that `errno` names.
    private static func failure(_ what: String, _ path: String) -> Failure {
        Failure(
            .inputOutput, what, at: path, found: String(cString: strerror(errno)),
            remedy: "check the disk (df -h) and that you may write there, then run the same command again")
    }

    private static func cannotCreate(_ path: String, _ code: Int32) -> Failure {
        let kind = Failure.Kind.creating(code)
        return Failure(
            kind, "cannot create a folder", at: path, expected: "a place you may write to",
            found: code == EEXIST ? "a file of that name" : String(cString: strerror(code)),
            remedy: kind == .inputOutput ? "check the free space of the disk (df -h)" : "choose another place with --results DIR")
    }
}

/// Parts of a path as text. Foundation's `NSString.deletingLastPathComponent` stops the program on a path of one letter
/// (Swift 6.3 on Linux).
public enum PathName {
    /// Everything before the last slash; empty when there is none, "/" for a name in the root.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What follows the last slash.
    public static func last(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// What follows the last dot of the last name, without the dot; empty when there is none.
    public static func suffix(of path: String) -> String {
        let name = last(of: path)
        return name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
    }
}
