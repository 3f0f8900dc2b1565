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
