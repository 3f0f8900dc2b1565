import Basics

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
