import Basics
import CHDF5

/// How a dataset is stored, and whether that is safe and possible, before anything is allocated for it.
struct HDF5Storage {
    let compression: String
    /// Extents of a chunk, where gzip is the only filter; else nil.
    let gzipChunk: [Int]?
    let byteCount: Int
    private let layout: H5D_layout_t
    private let offset: haddr_t
    /// Only gzip, shuffle and checksums, whose largest expansion is known.
    private let hasKnownExpansion: Bool

    init(dataset: hid_t, at location: String) throws {
        let properties = try HDF5Handle(
            H5Dget_create_plist(dataset), closedBy: H5Pclose, "cannot read a dataset's storage", at: location)
        layout = H5Pget_layout(properties.id)
        if layout == H5D_VIRTUAL || H5Pget_external_count(properties.id) > 0 {
            throw Failure(
                .data, "the data lies in another file, which is not followed", at: location,
                expected: "data inside the file",
                found: layout == H5D_VIRTUAL ? "a virtual dataset" : "external storage",
                remedy: "copy the data into the file (h5repack does it)")
        }
        byteCount = Int(clamping: H5Dget_storage_size(dataset))
        offset = layout == H5D_CONTIGUOUS ? H5Dget_offset(dataset) : alt_h5_undefined_address()
        H5Eclear2(alt_h5_default_error_stack())

        var names: [String] = []
        var known = true
        var isGzip = false
        for index in 0..<max(0, H5Pget_nfilters(properties.id)) {
            let filter = HDF5Filter(properties: properties.id, index: UInt32(index))
            guard filter.isAvailable else {
                throw Failure(
                    .data, "the dataset is compressed with a filter that HDF5 does not have built in", at: location,
                    expected: "no filter, gzip, shuffle or another built-in one", found: filter.name,
                    remedy: "rewrite the file with h5repack -f GZIP=4 where the filter is installed")
            }
            names.append(filter.name)
            known = known && filter.hasKnownExpansion
            isGzip = filter.isGzip
        }
        gzipChunk = isGzip && names.count == 1 ? Self.chunk(of: properties.id) : nil
        compression = names.isEmpty ? "none" : names.joined(separator: ", ")
        hasKnownExpansion = known
    }

    private static func chunk(of properties: hid_t) -> [Int]? {
        var extents = [hsize_t](repeating: 0, count: Int(H5S_MAX_RANK))
        let rank = Int(H5Pget_chunk(properties, Int32(extents.count), &extents))
        return rank > 0 ? extents.prefix(rank).map { Int(clamping: $0) } : nil
    }

    /// Compares the declared size with what is stored.
    func check(shape: [Int], elementByteCount: Int, fileByteCount: Int, at location: String) throws {
        let (declared, overflow) = shape.reduce(1, *).multipliedReportingOverflow(by: elementByteCount)
        guard declared > 0 || overflow else { return }
        func impossible(_ found: String) -> Failure {
            Failure(
                .data, "a dataset's size does not add up", at: location,
                expected: "\(declared) bytes for shape \(shape)", found: found,
                remedy: "the file is damaged or was not finished; copy or make it again")
        }
        guard !overflow else { throw impossible("elements of \(elementByteCount) bytes") }
        guard byteCount > 0 else { throw impossible("nothing was ever written to it") }
        guard byteCount <= fileByteCount else { throw impossible("\(byteCount) stored bytes in a file of \(fileByteCount)") }
        switch layout {
        case H5D_CONTIGUOUS:
            guard byteCount >= declared, offset != alt_h5_undefined_address(),
                offset <= haddr_t(fileByteCount - byteCount)
            else { throw impossible("\(byteCount) bytes at offset \(offset) in a file of \(fileByteCount)") }
        case H5D_CHUNKED:
            // Deflate cannot expand by more than 1032 (RFC 1951: 258 bytes from two bits at best).
            guard !hasKnownExpansion || declared / 1032 <= byteCount + 4096 else {
                throw impossible("\(byteCount) stored bytes")
            }
        default: break
        }
    }
}

/// One filter of a dataset's pipeline.
private struct HDF5Filter {
    let name: String
    let isAvailable: Bool
    let isGzip: Bool
    let hasKnownExpansion: Bool

    init(properties: hid_t, index: UInt32) {
        var flags: UInt32 = 0
        var count = 1
        var level: UInt32 = 0
        var text = [CChar](repeating: 0, count: 64)
        var configuration: UInt32 = 0
        let filter = H5Pget_filter2(properties, index, &flags, &count, &level, text.count, &text, &configuration)
        switch filter {
        case H5Z_FILTER_DEFLATE: name = "gzip \(level)"
        case H5Z_FILTER_SHUFFLE: name = "shuffle"
        case H5Z_FILTER_FLETCHER32: name = "fletcher32"
        default:
            let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            name = bytes.isEmpty ? "filter \(filter)" : "\(String(decoding: bytes, as: UTF8.self)) (filter \(filter))"
        }
        isAvailable = H5Zfilter_avail(filter) > 0
        isGzip = filter == H5Z_FILTER_DEFLATE
        hasKnownExpansion = [H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32].contains(filter)
        H5Eclear2(alt_h5_default_error_stack())
    }
}
