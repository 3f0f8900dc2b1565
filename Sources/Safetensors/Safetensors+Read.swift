import Basics
import Foundation

extension Safetensors {
    /// Reads the file at `path`.
    ///
    /// Sizes are compared with the file's before anything of that size is allocated. Floats of 16 and 64 bits come
    /// as float32, integers by name alone.
    /// - Throws: `Failure`: `inputMissing` when there is no such file, `inputOutput` when reading fails, `data` for a
    ///   header or layout that breaks a rule of the format and, with `rejectNaN`, for the first NaN.
    public static func read(_ path: String, rejectNaN: Bool = true) throws -> SafetensorsFile {
        let source = try ByteSource(path)
        defer { source.close() }
        guard source.byteCount >= 8 else {
            throw malformed(path, expected: "at least 8 bytes", found: "\(source.byteCount)")
        }
        let stated = try source.read(8).withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard stated <= UInt64(maximumHeaderByteCount) else {
            throw malformed(path, expected: "a header of at most \(maximumHeaderByteCount) bytes", found: "\(stated)")
        }
        let headerByteCount = Int(stated)
        guard headerByteCount <= source.byteCount - 8 else {
            throw malformed(
                path, expected: "a header of \(headerByteCount) bytes", found: "a file of \(source.byteCount) bytes")
        }
        var scanner = HeaderScanner(try source.read(headerByteCount), path: path)
        let (entries, metadata) = try scanner.header()
        let ordered = try HeaderEntry.layout(entries, byteCount: source.byteCount - 8 - headerByteCount, path: path)

        var tensors: [String: Tensor] = [:]
        for entry in ordered {
            let location = "\(path), tensor \(entry.name)"
            let data = try source.read(entry.end - entry.begin)
            // Networks count with integers (batches seen, for instance); no weight is one.
            guard entry.type.isFloat else { continue }
            try data.withUnsafeBytes { bytes in
                let values = try entry.type.floats(bytes, at: location)
                if rejectNaN, let index = values.firstIndex(where: \.isNaN) {
                    throw Failure(
                        .data, "a tensor holds NaN", at: location, expected: "numbers", found: "NaN at index \(index)",
                        remedy: "use an earlier checkpoint; this one was saved after the run had diverged")
                }
                tensors[entry.name] = Tensor(shape: entry.shape, values: values)
            }
        }
        return SafetensorsFile(
            path: path, names: ordered.map(\.name), tensors: tensors, metadata: metadata)
    }

    private static func malformed(_ path: String, expected: String, found: String) -> Failure {
        Failure(
            .data, "not a safetensors file, or cut short", at: path, expected: expected, found: found,
            remedy: "check the path; write or copy the file again")
    }
}
