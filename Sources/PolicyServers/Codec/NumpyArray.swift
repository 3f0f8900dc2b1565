/// An element type of numpy by its `dtype.str`: "<f4", "|u1". Numbers and truth values alone; openpi refuses structures (V), Python
/// objects (O) and complex numbers (c), and nothing here has a use for text or times.
public struct NumpyType: Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Character, Sendable {
        case float = "f", signed = "i", unsigned = "u", bool = "b"
    }

    public let kind: Kind
    /// Bytes of one element.
    public let size: Int
    public let isBigEndian: Bool

    public static let float32 = NumpyType(kind: .float, size: 4)
    public static let float64 = NumpyType(kind: .float, size: 8)
    public static let uint8 = NumpyType(kind: .unsigned, size: 1)
    public static let int64 = NumpyType(kind: .signed, size: 8)

    private init(kind: Kind, size: Int, isBigEndian: Bool = false) {
        (self.kind, self.size, self.isBigEndian) = (kind, size, isBigEndian)
    }

    /// - Throws: `NumpyError.unsupported` for every other type, by its name.
    public init(_ name: String) throws(NumpyError) {
        let order = name.first.flatMap { "<>|=".contains($0) ? $0 : nil }, rest = name.dropFirst(order == nil ? 0 : 1)
        guard let kind = rest.first.flatMap(Kind.init), let size = Int(rest.dropFirst()), rest.dropFirst().allSatisfy(\.isNumber),
            (kind == .float ? [2, 4, 8] : kind == .bool ? [1] : [1, 2, 4, 8]).contains(size)
        else { throw .unsupported(name) }
        self.init(kind: kind, size: size, isBigEndian: order == ">" && size > 1)
    }

    public var description: String { "\(size == 1 ? "|" : isBigEndian ? ">" : "<")\(kind.rawValue)\(size)" }
}

/// Why a msgpack value is no array of numbers.
public enum NumpyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Not the map that msgpack-numpy makes of an array.
    case notAnArray(String)
    /// Its keys are text where Python looks for bytes.
    case textKeys
    case unsupported(String)
    case shape(String)
    case length(bytes: Int, shape: [Int], dtype: NumpyType)

    public var description: String {
        switch self {
        case .notAnArray(let found): "\(found) instead of a numpy array"
        case .textKeys: "a map with __ndarray__ as text, where msgpack-numpy writes its keys as bytes"
        case .unsupported(let name): "numpy's type \(MessageText.line(name, limit: 20)), which is none of f2, f4, f8, the integers and b1"
        case .shape(let shape): "a shape that is none: \(shape)"
        case .length(let bytes, let shape, let dtype): "\(bytes) bytes for shape \(shape) of \(dtype)"
        }
    }
}

/// An array as openpi's msgpack_numpy carries it: a map with the keys __ndarray__, data, dtype and shape, all of msgpack's type bin.
/// A numpy scalar (__npgeneric__) is an array without axes.
public struct NumpyArray: Equatable, Sendable {
    public let dtype: NumpyType
    /// At most 32 axes, as in numpy.
    public let shape: [Int]
    /// In C order, each element in the byte order of `dtype`.
    public let data: [UInt8]

    /// - Throws: `NumpyError` where the bytes do not fill the shape exactly.
    public init(dtype: NumpyType, shape: [Int], data: [UInt8]) throws(NumpyError) {
        guard shape.count <= 32, shape.allSatisfy({ $0 >= 0 }) else { throw .shape("\(shape.prefix(33))") }
        // Multiplied so that no lie of a server overflows; a zero decides before the product of the others can.
        var bytes = shape.contains(0) ? 0 : dtype.size
        for side in shape where bytes > 0 {
            let (product, overflows) = bytes.multipliedReportingOverflow(by: side)
            guard !overflows else { throw .length(bytes: data.count, shape: shape, dtype: dtype) }
            bytes = product
        }
        guard bytes == data.count else { throw .length(bytes: data.count, shape: shape, dtype: dtype) }
        (self.dtype, self.shape, self.data) = (dtype, shape, data)
    }

    /// - Throws: `NumpyError` for anything but an array or a scalar of numbers.
    public init(_ value: MessagePackValue) throws(NumpyError) {
        let isScalar = value[bytes: "__npgeneric__"] != nil
        guard isScalar || value[bytes: "__ndarray__"] != nil else {
            throw value["__ndarray__"] != nil || value["__npgeneric__"] != nil ? .textKeys : .notAnArray(value.summary)
        }
        guard case .string(let name)? = value[bytes: "dtype"] else { throw .notAnArray("numpy data without a type") }
        let dtype = try NumpyType(name)
        guard let content = value[bytes: "data"] else { throw .notAnArray("numpy data without its bytes") }
        if case .binary(let data) = content {
            try self.init(dtype: dtype, shape: isScalar ? [] : Self.shape(value[bytes: "shape"]), data: data)
            return
        }
        guard isScalar, let data = dtype.bytes(of: content) else { throw .notAnArray("numpy data that is \(content.summary)") }
        try self.init(dtype: dtype, shape: [], data: data)
    }

    private static func shape(_ value: MessagePackValue?) throws(NumpyError) -> [Int] {
        guard case .array(let sides)? = value else { throw .shape(value?.summary ?? "absent") }
        var shape: [Int] = []
        for side in sides.prefix(33) {
            guard case .integer(let side) = side, side >= 0 else { throw .shape("an axis of \(side.summary)") }
            shape.append(Int(side))
        }
        return shape
    }

    /// Floats as the little-endian type that numpy calls "<f4"; as many as the shape holds.
    public init(_ values: [Float], shape: [Int]) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
        var data: [UInt8] = []
        data.reserveCapacity(4 * values.count)
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
        (self.dtype, self.shape, self.data) = (.float32, shape, data)
    }

    /// As msgpack-numpy writes it.
    public var value: MessagePackValue {
        func key(_ name: String) -> MessagePackValue { .binary(Array(name.utf8)) }
        return .map([
            .init(key("__ndarray__"), .bool(true)), .init(key("data"), .binary(data)), .init(key("dtype"), .string("\(dtype)")),
            .init(key("shape"), .array(shape.map { .integer(Int64($0)) })),
        ])
    }

    /// Every element in C order; integers beyond 2^53 are rounded.
    public var doubles: [Double] {
        stride(from: 0, to: data.count, by: dtype.size).map { start in
            var bits: UInt64 = 0
            for byte in 0..<dtype.size { bits = bits << 8 | UInt64(data[start + (dtype.isBigEndian ? byte : dtype.size - 1 - byte)]) }
            return dtype.number(bits)
        }
    }
}

extension NumpyType {
    /// The number that these bits, right-aligned, are of this type.
    fileprivate func number(_ bits: UInt64) -> Double {
        switch (kind, size) {
        case (.float, 2): Double(Float16(bitPattern: UInt16(bits)))
        case (.float, 4): Double(Float(bitPattern: UInt32(bits)))
        case (.float, _): Double(bitPattern: bits)
        case (.signed, _): Double(Int64(bitPattern: bits << (64 - 8 * UInt64(size))) >> (64 - 8 * Int64(size)))
        case (.unsigned, _): Double(bits)
        case (.bool, _): bits == 0 ? 0 : 1
        }
    }

    /// The element that openpi sends as a plain number beside its type; nil where it is none of this type.
    fileprivate func bytes(of value: MessagePackValue) -> [UInt8]? {
        let bits: UInt64?
        switch (kind, value) {
        case (.bool, .bool(let value)): bits = value ? 1 : 0
        case (.signed, .integer(let value)): bits = value == (value << (64 - 8 * Int64(size))) >> (64 - 8 * Int64(size)) ? UInt64(bitPattern: value) : nil
        case (.unsigned, .integer(let value)): bits = value >= 0 && (size == 8 || value >> (8 * Int64(size)) == 0) ? UInt64(value) : nil
        case (.unsigned, .unsigned(let value)): bits = size == 8 ? value : nil
        case (.float, .double(let value)): bits = pattern(value)
        case (.float, .float(let value)): bits = pattern(Double(value))
        default: bits = nil
        }
        return bits.map { bits in
            let little = (0..<size).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) }
            return isBigEndian ? little.reversed() : little
        }
    }

    private func pattern(_ value: Double) -> UInt64 {
        switch size {
        case 2: UInt64(Float16(value).bitPattern)
        case 4: UInt64(Float(value).bitPattern)
        default: value.bitPattern
        }
    }
}
