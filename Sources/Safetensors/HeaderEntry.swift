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
