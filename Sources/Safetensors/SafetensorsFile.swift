import Basics
import Foundation

/// What a safetensors file holds.
public struct SafetensorsFile: Sendable, Equatable {
    /// The path it was read from, for messages.
    public let path: String
    /// All tensors' names in the order of their data, those of integers too.
    public let names: [String]
    /// The tensors of a floating-point type, as float32.
    public let tensors: [String: Tensor]
    /// The tensors of unsigned bytes: images.
    public let bytes: [String: ByteTensor]
    public let metadata: [String: String]

    /// The float tensor called `name`; with `shape`, only if it has that shape.
    /// - Throws: `Failure` (`data`) when it is absent, of an integer type or of another shape.
    public func tensor(_ name: String, shape: [Int]? = nil) throws -> Tensor {
        guard let tensor = tensors[name] else { throw absent(name) }
        try check(tensor.shape, against: shape, of: name)
        return tensor
    }

    /// The tensor of unsigned bytes called `name`; with `shape`, only if it has that shape.
    /// - Throws: `Failure` (`data`) when it is absent, of another type or of another shape.
    public func byteTensor(_ name: String, shape: [Int]? = nil) throws -> ByteTensor {
        guard let tensor = bytes[name] else { throw absent(name, of: "uint8") }
        try check(tensor.shape, against: shape, of: name)
        return tensor
    }

    private func absent(_ name: String, of type: String = "float") -> Failure {
        Failure(
            .data, "a tensor is missing", at: path, expected: "\(type) tensor \(name)",
            found: names.contains(name)
                ? "\(name), but of another type"
                : "\(names.count) tensors\(names.isEmpty ? "" : ": " + names.prefix(4).joined(separator: ", "))"
                    + (names.count > 4 ? ", ..." : ""),
            remedy: "check that the file belongs to this model")
    }

    private func check(_ found: [Int], against expected: [Int]?, of name: String) throws {
        guard let expected, expected != found else { return }
        throw Failure(
            .data, "a tensor has another shape", at: "\(path), tensor \(name)", expected: "\(expected)", found: "\(found)",
            remedy: "check that the file belongs to a model of the same sizes")
    }
}

extension SafetensorsFile {
    /// The values of a float tensor of a shape.
    /// - Parameter remedy: where the file is not one that a run makes again
    /// - Throws: `Failure` (`data`) when it is absent, of another shape, or one value is infinite or NaN.
    public func finite(
        _ name: String, shape: [Int], remedy: String = "run again: it is set aside and made again"
    ) throws -> [Float] {
        let values = try tensor(name, shape: shape).values
        guard let index = values.firstIndex(where: { !$0.isFinite }) else { return values }
        throw Failure(
            .data, "a tensor is not finite", at: "\(path), tensor \(name)", expected: "finite numbers",
            found: "\(values[index]) at index \(index)", remedy: remedy)
    }
}

/// A block of float32 numbers, row-major: the last index runs fastest.
public struct Tensor: Sendable, Equatable {
    public var shape: [Int]
    public var values: [Float]

    /// `values` must hold the product of `shape` numbers; the empty shape is a scalar and holds one.
    public init(shape: [Int], values: [Float]) {
        precondition(
            values.count == shape.reduce(1, *), "\(values.count) values for a tensor of shape \(shape)")
        self.shape = shape
        self.values = values
    }

    /// A scalar, shape [].
    public init(_ value: Float) { self.init(shape: [], values: [value]) }
}

/// A block of unsigned bytes, row-major.
public struct ByteTensor: Sendable, Equatable {
    public let shape: [Int]
    public let values: [UInt8]

    /// `values` must hold the product of `shape` numbers.
    public init(shape: [Int], values: [UInt8]) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values for a tensor of shape \(shape)")
        self.shape = shape
        self.values = values
    }
}

extension Safetensors {
    /// Reads the file at `path`.
    ///
    /// Sizes are compared with the file's before anything of that size is allocated. Floats of 16 and 64 bits come
    /// as float32, unsigned bytes as they are, other integers by name alone.
    /// - Throws: `Failure`: `inputMissing` when there is no such file, `inputOutput` when reading fails, `data` for a
    ///   header or layout that breaks a rule of the format and, with `rejectNaN`, for the first NaN.
    public static func read(_ path: String, rejectNaN: Bool = true) throws -> SafetensorsFile {
        var source = try FileSource(path)
        defer { source.close() }
        return try read(&source, path, rejectNaN: rejectNaN)
    }

    /// The content of a file that was read before; `path` is for messages.
    /// - Throws: as `read`.
    public static func decode(_ data: Data, from path: String, rejectNaN: Bool = true) throws -> SafetensorsFile {
        var source = DataSource(data)
        return try read(&source, path, rejectNaN: rejectNaN)
    }

    private static func read(_ source: inout some ByteSource, _ path: String, rejectNaN: Bool) throws -> SafetensorsFile {
        let (ordered, metadata, _) = try header(&source, path)
        var tensors: [String: Tensor] = [:], bytes: [String: ByteTensor] = [:]
        for entry in ordered {
            let location = "\(path), tensor \(entry.name)"
            let data = try source.read(entry.end - entry.begin)
            if entry.type == .uint8 { bytes[entry.name] = ByteTensor(shape: entry.shape, values: Array(data)) }
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
            path: path, names: ordered.map(\.name), tensors: tensors, bytes: bytes, metadata: metadata)
    }

    /// The tensors that a file says it has, in the order of their data, and where that begins.
    static func header(
        _ source: inout some ByteSource, _ path: String
    ) throws -> (entries: [HeaderEntry], metadata: [String: String], dataStart: Int) {
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
        return (ordered, metadata, 8 + headerByteCount)
    }

    private static func malformed(_ path: String, expected: String, found: String) -> Failure {
        Failure(
            .data, "not a safetensors file, or cut short", at: path, expected: expected, found: found,
            remedy: "check the path; write or copy the file again")
    }
}
