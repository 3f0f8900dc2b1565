import Basics

/// One tensor as the header describes it; the offsets are bytes from the start of the data section.
struct HeaderEntry {
    var name: String
    var type: ElementType
    var shape: [Int]
    var begin: Int
    var end: Int

    /// Checks that the entries fill the `byteCount` bytes of the data section: in turn, without hole, overlap or rest.
    /// - Returns: the entries in the order of their data.
    static func layout(_ entries: [HeaderEntry], byteCount: Int, path: String) throws -> [HeaderEntry] {
        let ordered = entries.sorted { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
        var position = 0
        for entry in ordered {
            func failure(_ what: String, _ expected: String, _ found: String) -> Failure {
                Failure(
                    .data, what, at: "\(path), tensor \(entry.name)", expected: expected, found: found,
                    remedy: "the file is damaged or was cut short: write or copy it again")
            }
            let offsets = "data_offsets [\(entry.begin), \(entry.end)]"
            guard let size = entry.byteCount else {
                throw failure("a tensor is too large", "a size that fits into 63 bits", "shape \(entry.shape)")
            }
            guard entry.begin <= entry.end, entry.end - entry.begin == size else {
                throw failure(
                    "a tensor's shape and offsets disagree",
                    "\(size) bytes for shape \(entry.shape) of \(entry.type.rawValue)", offsets)
            }
            guard entry.begin == position else {
                throw failure(
                    entry.begin > position ? "a hole before a tensor" : "two tensors overlap",
                    "data_offsets from \(position)", offsets)
            }
            guard entry.end <= byteCount else {
                throw failure("a tensor lies beyond the end of the file", "at most \(byteCount) bytes of data", offsets)
            }
            position = entry.end
        }
        guard position == byteCount else {
            throw Failure(
                .data, "a safetensors file holds data that no tensor claims", at: path, expected: "\(position) bytes of data",
                found: "\(byteCount)", remedy: "the file is damaged: write or copy it again")
        }
        return ordered
    }

    /// The bytes that shape and type ask for, or nil when the product overflows.
    private var byteCount: Int? {
        var size = type.byteCount
        for side in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: side)
            if overflow { return nil }
            size = product
        }
        return size
    }
}

/// The data types of the format that this reader understands, by their names in the header.
enum ElementType: String, CaseIterable {
    case float64 = "F64", float32 = "F32", float16 = "F16", bfloat16 = "BF16"
    case int64 = "I64", int32 = "I32", int16 = "I16", int8 = "I8"
    case uint64 = "U64", uint32 = "U32", uint16 = "U16", uint8 = "U8", bool = "BOOL"

    var byteCount: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    var isFloat: Bool {
        switch self {
        case .float64, .float32, .float16, .bfloat16: true
        default: false
        }
    }

    /// Widens or narrows the little-endian floats of `bytes` to float32 (narrowing rounds to nearest even).
    /// - Throws: `Failure` when a finite float64 does not fit into float32.
    func floats(_ bytes: UnsafeRawBufferPointer, at location: String) throws -> [Float] {
        precondition(isFloat, "floats of \(rawValue)")
        switch self {
        case .float64:
            let wide = words(UInt64.self, bytes) { Double(bitPattern: $0) }
            let narrow = wide.map { Float($0) }
            if let index = wide.indices.first(where: { wide[$0].isFinite && !narrow[$0].isFinite }) {
                throw Failure(
                    .data, "a 64-bit number does not fit into 32 bits", at: location,
                    expected: "magnitudes up to \(Float.greatestFiniteMagnitude)", found: "\(wide[index]) at index \(index)",
                    remedy: "rescale the tensor before saving it")
            }
            return narrow
        case .float16: return words(UInt16.self, bytes) { Float(Float16(bitPattern: $0)) }
        case .bfloat16: return words(UInt16.self, bytes) { Float(bitPattern: UInt32($0) << 16) }
        default: return words(UInt32.self, bytes) { Float(bitPattern: $0) }
        }
    }

    private func words<Word: FixedWidthInteger & BitwiseCopyable, Result>(
        _ type: Word.Type, _ bytes: UnsafeRawBufferPointer, _ convert: (Word) -> Result
    ) -> [Result] {
        let size = MemoryLayout<Word>.size
        return (0..<bytes.count / size).map {
            convert(Word(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: type)))
        }
    }
}
