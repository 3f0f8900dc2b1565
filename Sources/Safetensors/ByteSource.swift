import Basics
import Foundation

/// An open file read from front to back, with its size known beforehand.
struct ByteSource {
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

    /// The next `count` bytes.
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
