import Basics
import CHDF5

/// A dataset of an open file, whose storage lies inside that file.
final class HDF5Dataset {
    let file: HDF5File
    let path: String
    /// Empty for a scalar.
    let shape: [Int]
    let elementType: HDF5ElementType
    /// `none`, or the filters by name, for instance `shuffle, gzip 4`.
    let compression: String
    /// Extents of a chunk, where gzip is the only filter; else nil.
    let gzipChunk: [Int]?
    /// Bytes that the dataset occupies in the file.
    let storedByteCount: Int
    let handle: HDF5Handle

    /// - Throws: `Failure` when it refers to other files, needs a filter that is not built in, or declares
    ///   more data than the file can hold.
    init(in group: hid_t, name: String, path: String, file: HDF5File) throws {
        let location = "\(file.path):\(path)"
        handle = try HDF5Handle(
            H5Dopen2(group, name, alt_h5_default_properties()), closedBy: H5Dclose, "cannot open an HDF5 dataset",
            at: location)
        self.file = file
        self.path = path
        let type = try HDF5Handle(
            H5Dget_type(handle.id), closedBy: H5Tclose, "cannot read a dataset's type", at: location)
        elementType = HDF5ElementType(type.id)
        shape = try Self.shape(of: handle.id, at: location)
        let storage = try HDF5Storage(dataset: handle.id, at: location)
        compression = storage.compression
        gzipChunk = storage.gzipChunk
        storedByteCount = storage.byteCount
        try storage.check(
            shape: shape, elementByteCount: Int(H5Tget_size(type.id)), fileByteCount: file.byteCount, at: location)
    }

    var location: String { "\(file.path):\(path)" }
    var count: Int { shape.reduce(1, *) }
    /// Length of the first axis, 1 for a scalar.
    var rows: Int { shape.first ?? 1 }

    /// `float64 (58, 7)`, as messages and tables show it.
    var summary: String { "\(elementType) (\(shape.map(String.init).joined(separator: ", ")))" }

    private static func shape(of dataset: hid_t, at location: String) throws -> [Int] {
        let space = try HDF5Handle(
            H5Dget_space(dataset), closedBy: H5Sclose, "cannot read a dataset's shape", at: location)
        guard H5Sget_simple_extent_type(space.id) != H5S_NULL else { return [0] }
        let rank = Int(H5Sget_simple_extent_ndims(space.id))
        guard rank > 0 else { return [] }
        var dimensions = [hsize_t](repeating: 0, count: rank)
        H5Sget_simple_extent_dims(space.id, &dimensions, nil)
        // The product must fit an Int, or every later size would be wrong.
        var product = 1
        return try dimensions.map { dimension in
            let length = Int(clamping: dimension)
            let (next, overflow) = product.multipliedReportingOverflow(by: length)
            guard length < Int.max, !overflow else {
                throw Failure(
                    .data, "a dataset's dimensions are impossible", at: location, found: "\(dimensions)",
                    remedy: "the file is damaged; copy it again")
            }
            product = next
            return length
        }
    }
}

extension HDF5Dataset {
    /// Every element as Float, row-major; float16 to float64 and all integers are converted by the library.
    /// - Throws: `Failure` when the elements are no numbers or cannot be decoded.
    func readFloats() throws -> [Float] {
        guard elementType.isNumber else {
            throw Failure(
                .data, "a dataset does not hold numbers", at: location, expected: "float or integer elements",
                found: summary, remedy: "leave this key out")
        }
        // HDF5 converts enumerations (h5py's booleans) to integers but not to floats.
        if case .enumeration = elementType { return try readIntegers().map(Float.init) }
        var values = [Float](repeating: 0, count: count)
        try values.withUnsafeMutableBytes { try read(as: alt_h5_native_float(), into: $0) }
        return values
    }

    /// Every element of a dataset of integers, row-major.
    func readIntegers() throws -> [Int64] {
        var integers = [Int64](repeating: 0, count: count)
        try integers.withUnsafeMutableBytes { try read(as: alt_h5_native_int64(), into: $0) }
        return integers
    }

    /// Every element as a byte, straight into `destination`, which holds exactly `count` bytes.
    func readBytes(into destination: UnsafeMutableRawBufferPointer) throws {
        precondition(destination.count == count, "\(destination.count) bytes for a dataset of \(count)")
        try read(as: alt_h5_native_uint8(), into: destination)
    }

    /// What `readBytes` reads, faster for images in gzip chunks.
    /// - Parameter pool: inflates the chunks; the bytes do not depend on its workers.
    func readImages(into destination: UnsafeMutableRawBufferPointer, pool: WorkerPool) throws {
        if let images = HDF5GzipImages(self), images.read(into: destination, pool: pool) { return }
        try readBytes(into: destination)
    }

    /// Every element as text; nil when the elements are no strings.
    func readTexts() throws -> [String]? {
        guard elementType == .text else { return nil }
        return try HDF5Text.dataset(handle.id, count: count, at: location)
    }

    private func read(as type: hid_t, into destination: UnsafeMutableRawBufferPointer) throws {
        guard destination.count > 0 else { return }
        let status = H5Dread(
            handle.id, type, alt_h5_all(), alt_h5_all(), alt_h5_default_properties(), destination.baseAddress)
        guard status >= 0 else {
            throw Failure(
                .data, "a dataset cannot be read", at: location, expected: summary, found: HDF5Library.lastError(),
                remedy: "the file is damaged; copy or download it again")
        }
    }
}

/// The type of a dataset's elements, as far as reading and messages need it.
enum HDF5ElementType: Equatable, CustomStringConvertible {
    case float(bits: Int)
    case integer(bits: Int, signed: Bool)
    /// h5py stores booleans as an enumeration over int8.
    case enumeration(bits: Int)
    case text
    case other(String)

    init(_ type: hid_t) {
        let bits = Int(H5Tget_size(type)) * 8
        switch H5Tget_class(type) {
        case H5T_FLOAT: self = .float(bits: bits)
        case H5T_INTEGER: self = .integer(bits: bits, signed: H5Tget_sign(type) == H5T_SGN_2)
        case H5T_ENUM: self = .enumeration(bits: bits)
        case H5T_STRING: self = .text
        case H5T_COMPOUND: self = .other("compound")
        case H5T_VLEN: self = .other("variable-length sequence")
        case H5T_ARRAY: self = .other("array")
        case H5T_OPAQUE: self = .other("opaque")
        case H5T_REFERENCE: self = .other("reference")
        default: self = .other("unknown type")
        }
    }

    /// Whether HDF5 converts it to a native float or integer.
    var isNumber: Bool {
        switch self {
        case .float, .integer, .enumeration: true
        case .text, .other: false
        }
    }

    var description: String {
        switch self {
        case .float(let bits): "float\(bits)"
        case .integer(let bits, let signed): "\(signed ? "int" : "uint")\(bits)"
        case .enumeration(let bits): "enum\(bits)"
        case .text: "string"
        case .other(let name): name
        }
    }
}
