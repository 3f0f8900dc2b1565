import Basics
import CHDF5

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
        if case .enumeration = elementType {
            var integers = [Int64](repeating: 0, count: count)
            try integers.withUnsafeMutableBytes { try read(as: alt_h5_native_int64(), into: $0) }
            return integers.map(Float.init)
        }
        var values = [Float](repeating: 0, count: count)
        try values.withUnsafeMutableBytes { try read(as: alt_h5_native_float(), into: $0) }
        return values
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
