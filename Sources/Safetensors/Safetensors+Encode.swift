import Basics
import Foundation

/// The safetensors format: an 8-byte little-endian header length, a JSON header, raw little-endian numbers.
///
/// Files written here load in Python's `safetensors`, and its files load here. The reader is strict: a file that
/// breaks any rule of the format is refused, by the name of the tensor and of the rule.
public enum Safetensors {
    /// The largest header the format allows, in bytes.
    static let maximumHeaderByteCount = 100_000_000
    static let metadataKey = "__metadata__"

    /// The bytes of a file that holds `tensors` as float32, in the order given, then `bytes`.
    ///
    /// The same tensors and metadata give the same bytes. Names must differ and must not be `__metadata__`.
    /// - Throws: `Failure` (`diverged`) naming the first tensor that holds NaN, unless `rejectNaN` is false.
    public static func encode(
        _ tensors: [(name: String, tensor: Tensor)], bytes: [(name: String, tensor: ByteTensor)] = [], metadata: [String: String],
        rejectNaN: Bool = true
    ) throws -> Data {
        var names: Set<String> = [metadataKey]
        var entries: [String] = []
        var offset = 0
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
            entries.append("\(JSONText.quoted(metadataKey)):{\(pairs.joined(separator: ","))}")
        }
        func describe(_ name: String, _ type: ElementType, _ shape: [Int]) {
            precondition(names.insert(name).inserted, "the name \(name) is taken twice or reserved")
            let end = offset + shape.reduce(type.byteCount, *), sides = shape.map(String.init).joined(separator: ",")
            entries.append("\(JSONText.quoted(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(sides)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        for (name, tensor) in tensors {
            precondition(
                tensor.values.count == tensor.shape.reduce(1, *),
                "\(tensor.values.count) values for \(name) of shape \(tensor.shape)")
            if rejectNaN, let index = tensor.values.firstIndex(where: \.isNaN) {
                throw Failure(
                    .diverged, "a tensor to be saved holds NaN", at: "tensor \(name)", expected: "numbers",
                    found: "NaN at index \(index)", remedy: "go back to the last good checkpoint; lower the learning rate")
            }
            describe(name, .float32, tensor.shape)
        }
        for (name, tensor) in bytes { describe(name, .uint8, tensor.shape) }
        var header = Data("{\(entries.joined(separator: ","))}".utf8)
        header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        guard header.count <= maximumHeaderByteCount else {
            throw Failure(
                .data, "the header of a safetensors file grew too large",
                expected: "at most \(maximumHeaderByteCount) bytes", found: "\(header.count) bytes",
                remedy: "save fewer tensors or shorter metadata")
        }
        var data = Data(capacity: 8 + header.count + offset)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(header)
        // Every platform this package runs on is little-endian, so the memory image is the file's.
        for (_, tensor) in tensors { tensor.values.withUnsafeBytes { data.append(contentsOf: $0) } }
        for (_, tensor) in bytes { data.append(contentsOf: tensor.values) }
        return data
    }

    /// Writes `encode` of the same arguments to `path`, whole or not at all.
    /// - Throws: `Failure` of `encode` and of `AtomicFile.write`.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], bytes: [(name: String, tensor: ByteTensor)] = [], metadata: [String: String],
        to path: String, rejectNaN: Bool = true
    ) throws {
        try AtomicFile.write(encode(tensors, bytes: bytes, metadata: metadata, rejectNaN: rejectNaN), to: path)
    }
}
