import Basics
import Foundation
import Safetensors
import TestSupport

/// A file made byte by byte, so that a test can break one rule of the format at a time.
enum RawFile {
    static func read(header: String, dataByteCount: Int) throws -> SafetensorsFile {
        let data = [UInt8](repeating: 0, count: dataByteCount)
        return try read(headerByteCount: UInt64(header.utf8.count), rest: Array(header.utf8) + data)
    }

    static func read(headerByteCount: UInt64, rest: [UInt8]) throws -> SafetensorsFile {
        var data = Data()
        withUnsafeBytes(of: headerByteCount.littleEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: rest)
        return try read(data)
    }

    static func read(_ data: Data, rejectNaN: Bool = true) throws -> SafetensorsFile {
        let folder = try SharedData.temporaryFolder()
        defer { unlink(folder + "/raw.safetensors"); rmdir(folder) }
        try AtomicFile.write(data, to: folder + "/raw.safetensors")
        return try Safetensors.read(folder + "/raw.safetensors", rejectNaN: rejectNaN)
    }
}
