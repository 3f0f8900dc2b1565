import Basics

/// What a safetensors file says it holds, read without its data; tensors are read one by one.
///
/// For files as large as memory, and for comparing sizes before memory is taken.
public struct SafetensorsIndex: Sendable {
    /// The path it was read from, for messages.
    public let path: String
    /// All tensors' names in the order of their data.
    public let names: [String]
    public let metadata: [String: String]
    private let entries: [String: HeaderEntry]
    private let dataStart: Int

    /// Reads the header of the file at `path`.
    /// - Throws: as `Safetensors.read`.
    public init(_ path: String) throws {
        var source = try FileSource(path)
        defer { source.close() }
        let (ordered, metadata, dataStart) = try Safetensors.header(&source, path)
        self.path = path
        self.metadata = metadata
        self.dataStart = dataStart
        names = ordered.map(\.name)
        entries = Dictionary(uniqueKeysWithValues: ordered.map { ($0.name, $0) })
    }

    /// The shape of a tensor of any type; nil when there is none of this name.
    public func shape(_ name: String) -> [Int]? { entries[name]?.shape }

    /// Whether a tensor is of a floating-point type.
    public func isFloat(_ name: String) -> Bool { entries[name]?.type.isFloat ?? false }

    /// The values of a float tensor as float32.
    /// - Throws: `Failure` (`data`) when it is absent, of another type or holds what is no finite number; `inputOutput` when
    ///   reading fails.
    public func finite(_ name: String) throws -> [Float] {
        let location = "\(path), tensor \(name)"
        guard let entry = entries[name], entry.type.isFloat else {
            throw Failure(
                .data, entries[name] == nil ? "a tensor is missing" : "a tensor is of another type", at: location, expected: "a float tensor",
                found: entries[name].map { $0.type.rawValue } ?? "none of this name", remedy: "check that the file belongs to this model")
        }
        let source = try FileSource(path)
        defer { source.close() }
        try source.seek(to: dataStart + entry.begin)
        let data = try source.read(entry.end - entry.begin)
        let values = try data.withUnsafeBytes { try entry.type.floats($0, at: location) }
        guard let index = values.firstIndex(where: { !$0.isFinite }) else { return values }
        throw Failure(
            .data, "a tensor is not finite", at: location, expected: "finite numbers", found: "\(values[index]) at index \(index)",
            remedy: "use an earlier checkpoint; this one was saved after the training had diverged")
    }
}
