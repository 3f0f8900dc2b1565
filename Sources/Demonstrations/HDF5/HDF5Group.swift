import Basics
import CHDF5

/// What a name inside a group stands for.
enum HDF5ObjectKind { case group, dataset, other }

/// A group of an open file. Children may be named by a path such as `policy/eef_pos`.
final class HDF5Group {
    let file: HDF5File
    /// Absolute path without a final slash; empty for the root.
    let path: String
    private let handle: HDF5Handle

    init(in parent: hid_t, name: String, path: String, file: HDF5File) throws {
        self.file = file
        self.path = path
        handle = try HDF5Handle(
            H5Gopen2(parent, name, alt_h5_default_properties()), closedBy: H5Gclose, "cannot open an HDF5 group",
            at: "\(file.path):\(path.isEmpty ? "/" : path)")
    }

    /// File and path, as errors name it.
    var location: String { "\(file.path):\(path.isEmpty ? "/" : path)" }

    /// Names of all links, in the library's order.
    func names() throws -> [String] {
        final class Names { var all: [String] = [] }
        let names = Names()
        let status = alt_h5_each_link(
            handle.id,
            { _, name, _, context in
                guard let name, let context else { return -1 }
                Unmanaged<Names>.fromOpaque(context).takeUnretainedValue().all.append(String(cString: name))
                return 0
            }, Unmanaged.passUnretained(names).toOpaque())
        guard status >= 0 else {
            throw Failure(
                .data, "cannot list an HDF5 group", at: location, found: HDF5Library.lastError(),
                remedy: "the file may be damaged; copy it again")
        }
        return names.all
    }

    /// The kind of the child `name`, nil when there is none or when its link leads nowhere.
    /// - Throws: `Failure` when the way there leaves the file, or the object cannot be opened.
    func kind(of name: String) throws -> HDF5ObjectKind? {
        var prefix = ""
        for part in name.split(separator: "/") {
            prefix += (prefix.isEmpty ? "" : "/") + part
            guard H5Lexists(handle.id, prefix, alt_h5_default_properties()) > 0 else { return absent() }
            let link = alt_h5_link_type(handle.id, prefix)
            guard link == H5L_TYPE_HARD || link == H5L_TYPE_SOFT else {
                throw Failure(
                    .data, "the file refers to another file, which is not followed", at: "\(location)/\(prefix)",
                    expected: "data inside the file", found: "an external link",
                    remedy: "copy the linked data into the file (h5py: File.copy(expand_external=True))")
            }
            let exists = H5Oexists_by_name(handle.id, prefix, alt_h5_default_properties())
            guard exists >= 0 else { throw openingFailure(prefix) }
            guard exists > 0 else { return absent() }
        }
        guard !prefix.isEmpty else { return nil }
        let object = H5Oopen(handle.id, prefix, alt_h5_default_properties())
        guard object >= 0 else { throw openingFailure(prefix) }
        defer { H5Oclose(object) }
        switch H5Iget_type(object) {
        case H5I_GROUP: return .group
        case H5I_DATASET: return .dataset
        default: return .other
        }
    }

    private func openingFailure(_ name: String) -> Failure {
        Failure(
            .data, "a name in the file cannot be opened", at: "\(location)/\(name)", found: HDF5Library.lastError(),
            remedy: "it is damaged, leads to another file, or was written by a newer HDF5 with libver latest "
                + "(then rewrite it with that version's h5repack --high=2)")
    }

    /// The child group `name`, nil when there is no group of that name.
    func group(_ name: String) throws -> HDF5Group? {
        guard try kind(of: name) == .group else { return nil }
        return try HDF5Group(in: handle.id, name: name, path: "\(path)/\(name)", file: file)
    }

    /// The child dataset `name`, nil when there is no dataset of that name.
    func dataset(_ name: String) throws -> HDF5Dataset? {
        guard try kind(of: name) == .dataset else { return nil }
        return try HDF5Dataset(in: handle.id, name: name, path: "\(path)/\(name)", file: file)
    }

    /// A string attribute, nil when absent or not a string.
    func text(attribute name: String) throws -> String? {
        guard H5Aexists(handle.id, name) > 0 else { return absent() }
        return try HDF5Text.attribute(name, of: handle.id, at: location)
    }

    /// A number attribute read as an integer, nil when absent, not a number, or not a single one.
    func integer(attribute name: String) throws -> Int? {
        guard H5Aexists(handle.id, name) > 0 else { return absent() }
        let where_ = "\(location) attribute \(name)"
        let attribute = try HDF5Handle(
            H5Aopen(handle.id, name, alt_h5_default_properties()), closedBy: H5Aclose, "cannot open an attribute",
            at: where_)
        let type = try HDF5Handle(
            H5Aget_type(attribute.id), closedBy: H5Tclose, "cannot read an attribute's type", at: where_)
        let space = try HDF5Handle(
            H5Aget_space(attribute.id), closedBy: H5Sclose, "cannot read an attribute's size", at: where_)
        guard HDF5ElementType(type.id).isNumber, H5Sget_simple_extent_npoints(space.id) == 1 else { return nil }
        var value: Int64 = 0
        guard H5Aread(attribute.id, alt_h5_native_int64(), &value) >= 0 else { return absent() }
        return Int(value)
    }

    /// Nil, after dropping what the library put on its error stack while looking.
    private func absent<Value>() -> Value? {
        H5Eclear2(alt_h5_default_error_stack())
        return nil
    }
}
