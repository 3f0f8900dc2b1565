import Basics
import Foundation

/// Bytes read from front to back, of an open file or in memory, with their number known beforehand.
protocol ByteSource {
    var byteCount: Int { get }
    /// The next `count` bytes.
    mutating func read(_ count: Int) throws -> [UInt8]
}

/// Bytes that were read already, for instance to compare their hash.
struct DataSource: ByteSource {
    private var rest: Data
    let byteCount: Int

    init(_ data: Data) {
        rest = data
        byteCount = data.count
    }

    mutating func read(_ count: Int) -> [UInt8] {
        precondition(count <= rest.count, "\(count) of \(rest.count) bytes")
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}

/// An open file.
struct FileSource: ByteSource {
    let byteCount: Int
    private let descriptor: Int32
    private let path: String

    /// - Throws: `Failure` (`inputMissing`) when `path` is no readable regular file.
    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else {
            throw Failure(
                .inputMissing, "cannot open a safetensors file", at: path, found: String(cString: strerror(errno)),
                remedy: "check the path and that you may read it")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            Foundation.close(descriptor)
            throw Failure(
                .inputMissing, "not a file", at: path, expected: "a safetensors file", found: "a folder or device",
                remedy: "check the path")
        }
        byteCount = Int(status.st_size)
    }

    func close() { Foundation.close(descriptor) }

    /// The next read begins at this byte.
    func seek(to position: Int) throws {
        guard lseek(descriptor, off_t(position), SEEK_SET) == off_t(position) else {
            throw Failure(.inputOutput, "cannot read a safetensors file", at: path, found: String(cString: strerror(errno)))
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let received = Foundation.read(descriptor, buffer.baseAddress! + filled, count - filled)
                if received < 0 && errno == EINTR { continue }
                guard received > 0 else {
                    throw Failure(
                        .inputOutput, "cannot read a safetensors file", at: path, expected: "\(count) bytes",
                        found: received == 0 ? "\(filled), then the end" : String(cString: strerror(errno)),
                        remedy: "check that nothing else is writing the file")
                }
                filled += received
            }
        }
    }
}
