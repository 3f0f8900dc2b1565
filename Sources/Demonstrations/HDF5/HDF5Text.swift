import Basics
import CHDF5

/// Strings of datasets and attributes: fixed and variable length, ASCII and UTF-8, null- or space-padded.
enum HDF5Text {
    /// Descriptions of whole scenes reach some megabytes; masks of a million names a few more.
    private static let largestText = 1 << 28

    /// The first string of an attribute, nil when it holds no string.
    static func attribute(_ name: String, of object: hid_t, at location: String) throws -> String? {
        let location = "\(location) attribute \(name)"
        let attribute = try HDF5Handle(
            H5Aopen(object, name, alt_h5_default_properties()), closedBy: H5Aclose, "cannot open an attribute",
            at: location)
        let type = try HDF5Handle(
            H5Aget_type(attribute.id), closedBy: H5Tclose, "cannot read an attribute's type", at: location)
        let space = try HDF5Handle(
            H5Aget_space(attribute.id), closedBy: H5Sclose, "cannot read an attribute's size", at: location)
        guard H5Tget_class(type.id) == H5T_STRING else { return nil }
        let count = Int(H5Sget_simple_extent_npoints(space.id))
        return try read(type.id, space: space.id, count: count, at: location) { H5Aread(attribute.id, $0, $1) }.first
    }

    /// All strings of a dataset of string type.
    static func dataset(_ dataset: hid_t, count: Int, at location: String) throws -> [String] {
        let type = try HDF5Handle(
            H5Dget_type(dataset), closedBy: H5Tclose, "cannot read a dataset's type", at: location)
        let space = try HDF5Handle(
            H5Dget_space(dataset), closedBy: H5Sclose, "cannot read a dataset's shape", at: location)
        return try read(type.id, space: space.id, count: count, at: location) {
            H5Dread(dataset, $0, alt_h5_all(), alt_h5_all(), alt_h5_default_properties(), $1)
        }
    }

    private static func read(
        _ type: hid_t, space: hid_t, count: Int, at location: String,
        _ body: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws -> [String] {
        guard count > 0 else { return [] }
        func check(_ status: herr_t) throws {
            guard status >= 0 else {
                throw Failure(
                    .data, "text cannot be read", at: location, found: HDF5Library.lastError(),
                    remedy: "the file is damaged; copy or download it again")
            }
        }
        if H5Tis_variable_str(type) > 0 {
            var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
            return try pointers.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return [] }
                try check(body(type, base))
                defer { H5Dvlen_reclaim(type, space, alt_h5_default_properties(), base) }
                return buffer.bindMemory(to: UnsafeMutablePointer<CChar>?.self).map { $0.map { String(cString: $0) } ?? "" }
            }
        }
        let size = H5Tget_size(type)
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, byteCount <= largestText else {
            throw Failure(
                .data, "text is too long to be read", at: location, expected: "at most \(largestText) bytes",
                found: "\(count) strings of \(size) bytes", remedy: "the file is damaged; copy or download it again")
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        try bytes.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            try check(body(type, base))
        }
        let isSpacePadded = H5Tget_strpad(type) == H5T_STR_SPACEPAD
        return (0..<count).map { index in
            var text = bytes[index * size..<(index + 1) * size].prefix { $0 != 0 }
            if isSpacePadded { while text.last == UInt8(ascii: " ") { text.removeLast() } }
            return String(decoding: text, as: UTF8.self)
        }
    }
}
