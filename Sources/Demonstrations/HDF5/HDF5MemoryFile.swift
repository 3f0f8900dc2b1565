import Basics
import CHDF5
import Foundation
import Synchronization

/// An HDF5 file composed in memory; its bytes are written to disk whole, by `AtomicFile`.
///
/// Composing in memory turns a full disk into an ordinary write error instead of one inside the HDF5 library,
/// and equal contents give equal bytes (no modification times).
final class HDF5MemoryFile {
    private let handle: HDF5Handle
    private let path: String
    /// Files composed by this process so far.
    private static let opened = Atomic<Int>(0)

    /// - Parameter path: where it is going to be; used in messages only.
    init(for path: String) throws {
        HDF5Library.prepare()
        self.path = path
        let access = try HDF5Handle(
            H5Pcreate(alt_h5_file_access()), closedBy: H5Pclose, "cannot prepare an HDF5 file", at: path,
            kind: .inputOutput)
        let growth = 16 << 20
        guard H5Pset_fapl_core(access.id, growth, false) >= 0 else { throw Self.failure("prepare memory", path) }
        let properties = alt_h5_default_properties()
        // The name is never opened on disk, but the library refuses two open files of one name.
        let name = "\(path).\(Self.opened.add(1, ordering: .relaxed).newValue)"
        handle = try HDF5Handle(
            H5Fcreate(name, alt_h5_truncate(), properties, access.id), closedBy: H5Fclose,
            "cannot compose an HDF5 file", at: path, kind: .inputOutput)
    }

    /// Creates a group; its parent must exist.
    func makeGroup(_ name: String) throws {
        let properties = alt_h5_default_properties()
        _ = try HDF5Handle(
            H5Gcreate2(handle.id, name, properties, properties, properties), closedBy: H5Gclose,
            "cannot create an HDF5 group", at: "\(path):\(name)", kind: .inputOutput)
    }

    func write(_ values: [Double], shape: [Int], compressed: Bool = false, to name: String) throws {
        try write(values, alt_h5_native_double(), as: alt_h5_file_float64(), shape, compressed, name)
    }

    func write(_ values: [Int64], shape: [Int], compressed: Bool = false, to name: String) throws {
        try write(values, alt_h5_native_int64(), as: alt_h5_file_int64(), shape, compressed, name)
    }

    func write(_ values: [UInt8], shape: [Int], compressed: Bool = false, to name: String) throws {
        try write(values, alt_h5_native_uint8(), as: alt_h5_file_uint8(), shape, compressed, name)
    }

    /// An array of fixed-length, null-padded byte strings, as robomimic writes its masks.
    func write(_ texts: [String], to name: String) throws {
        let size = max(1, texts.map(\.utf8.count).max() ?? 1)
        let type = try HDF5Handle(
            H5Tcopy(alt_h5_c_string()), closedBy: H5Tclose, "cannot make a string type", at: "\(path):\(name)",
            kind: .inputOutput)
        guard H5Tset_size(type.id, size) >= 0, H5Tset_strpad(type.id, H5T_STR_NULLPAD) >= 0 else {
            throw Self.failure("make a string type", "\(path):\(name)")
        }
        let bytes = texts.flatMap { text in Array(text.utf8) + [UInt8](repeating: 0, count: size - text.utf8.count) }
        try write(bytes, type.id, as: type.id, [texts.count], false, name)
    }

    /// A scalar int64 attribute of a group.
    func setAttribute(_ name: String, _ value: Int, of group: String) throws {
        var value = Int64(value)
        let type = alt_h5_file_int64()
        try setAttribute(name, type: type, of: group) { H5Awrite($0, alt_h5_native_int64(), &value) }
    }

    /// A scalar variable-length UTF-8 string attribute of a group, which h5py reads as `str`.
    func setAttribute(_ name: String, _ text: String, of group: String) throws {
        let location = "\(path):\(group) attribute \(name)"
        let type = try HDF5Handle(
            H5Tcopy(alt_h5_c_string()), closedBy: H5Tclose, "cannot make a string type", at: location, kind: .inputOutput)
        guard H5Tset_size(type.id, alt_h5_variable_length()) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0 else {
            throw Self.failure("make a string type", location)
        }
        let id = type.id
        try setAttribute(name, type: id, of: group) { attribute in
            text.withCString { pointer in
                var pointer: UnsafePointer<CChar>? = pointer
                return H5Awrite(attribute, id, &pointer)
            }
        }
    }

    /// Writes the file to its place: temporary name, fsync, rename.
    func save() throws {
        guard H5Fflush(handle.id, H5F_SCOPE_LOCAL) >= 0 else { throw Self.failure("finish the file", path) }
        let size = H5Fget_file_image(handle.id, nil, 0)
        guard size > 0 else { throw Self.failure("finish the file", path) }
        var image = Data(count: size)
        let copied = image.withUnsafeMutableBytes { H5Fget_file_image(handle.id, $0.baseAddress, size) }
        guard copied == size else { throw Self.failure("finish the file", path) }
        try AtomicFile.write(image, to: path)
    }

    private func write<Element>(
        _ values: [Element], _ memoryType: hid_t, as fileType: hid_t, _ shape: [Int], _ compressed: Bool, _ name: String
    ) throws {
        let location = "\(path):\(name)"
        let dimensions = shape.map { hsize_t($0) }
        let space = try HDF5Handle(
            H5Screate_simple(Int32(shape.count), dimensions, nil), closedBy: H5Sclose, "cannot describe a dataset",
            at: location, kind: .inputOutput)
        let creation = try HDF5Handle(
            H5Pcreate(alt_h5_dataset_creation()), closedBy: H5Pclose, "cannot describe a dataset", at: location,
            kind: .inputOutput)
        guard H5Pset_obj_track_times(creation.id, false) >= 0 else { throw Self.failure("describe a dataset", location) }
        if compressed, !values.isEmpty {
            let chunk = Self.chunk(of: shape, elementByteCount: MemoryLayout<Element>.size).map { hsize_t($0) }
            guard H5Pset_chunk(creation.id, Int32(chunk.count), chunk) >= 0, H5Pset_deflate(creation.id, 4) >= 0 else {
                throw Self.failure("describe a compressed dataset", location)
            }
        }
        let properties = alt_h5_default_properties()
        let dataset = try HDF5Handle(
            H5Dcreate2(handle.id, name, fileType, space.id, properties, creation.id, properties), closedBy: H5Dclose,
            "cannot create a dataset", at: location, kind: .inputOutput)
        guard !values.isEmpty else { return }
        let status = values.withUnsafeBytes {
            H5Dwrite(dataset.id, memoryType, alt_h5_all(), alt_h5_all(), properties, $0.baseAddress)
        }
        guard status >= 0 else { throw Self.failure("write a dataset", location) }
    }

    /// Whole rows per chunk, about 64 KiB, so that a reader of one frame decodes one chunk and little else.
    private static func chunk(of shape: [Int], elementByteCount: Int) -> [Int] {
        let rowByteCount = max(1, shape.dropFirst().reduce(elementByteCount, *))
        return [min(shape[0], max(1, (64 << 10) / rowByteCount))] + shape.dropFirst()
    }

    private func setAttribute(_ name: String, type: hid_t, of group: String, _ body: (hid_t) -> herr_t) throws {
        let location = "\(path):\(group) attribute \(name)"
        let properties = alt_h5_default_properties()
        let space = try HDF5Handle(
            H5Screate(H5S_SCALAR), closedBy: H5Sclose, "cannot describe an attribute", at: location, kind: .inputOutput)
        let attribute = try HDF5Handle(
            H5Acreate_by_name(handle.id, group, name, type, space.id, properties, properties, properties),
            closedBy: H5Aclose, "cannot create an attribute", at: location, kind: .inputOutput)
        guard body(attribute.id) >= 0 else { throw Self.failure("write an attribute", location) }
    }

    private static func failure(_ what: String, _ location: String) -> Failure {
        Failure(
            .inputOutput, "cannot \(what)", at: location, found: HDF5Library.lastError(),
            remedy: "check the free memory; if it persists, report it")
    }
}
