import Basics

/// What a safetensors file holds.
public struct SafetensorsFile: Sendable, Equatable {
    /// The path it was read from, for messages.
    public let path: String
    /// All tensors' names in the order of their data, those of integers too.
    public let names: [String]
    /// The tensors of a floating-point type, as float32.
    public let tensors: [String: Tensor]
    public let metadata: [String: String]

    /// The float tensor called `name`; with `shape`, only if it has that shape.
    /// - Throws: `Failure` (`data`) when it is absent, of an integer type or of another shape.
    public func tensor(_ name: String, shape: [Int]? = nil) throws -> Tensor {
        guard let tensor = tensors[name] else { throw absent(name) }
        try check(tensor.shape, against: shape, of: name)
        return tensor
    }

    private func absent(_ name: String) -> Failure {
        Failure(
            .data, "a tensor is missing", at: path, expected: "float tensor \(name)",
            found: names.contains(name)
                ? "\(name), but of another type"
                : "\(names.count) tensors\(names.isEmpty ? "" : ": " + names.prefix(4).joined(separator: ", "))"
                    + (names.count > 4 ? ", ..." : ""),
            remedy: "check that the file belongs to this model")
    }

    private func check(_ found: [Int], against expected: [Int]?, of name: String) throws {
        guard let expected, expected != found else { return }
        throw Failure(
            .data, "a tensor has another shape", at: "\(path), tensor \(name)", expected: "\(expected)", found: "\(found)",
            remedy: "check that the file belongs to a model of the same sizes")
    }
}
