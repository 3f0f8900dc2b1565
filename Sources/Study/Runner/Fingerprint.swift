import Basics
import Configuration

/// What a stage depends on: parts of the settings, files, earlier stages. Equal fingerprints mean nothing to do.
public struct Fingerprint: Codable, Equatable, Sendable {
    /// Digest by the name of the part.
    public private(set) var parts: [String: String] = [:]

    public init() {}

    /// A text that decides the result, for instance the version of an algorithm.
    public mutating func add(_ name: String, text: String) { parts[name] = FileHash.sha256(text: text) }

    /// A group of settings, by its resolved YAML.
    mutating func add(_ name: String, _ settings: some SettingsGroup) throws {
        parts[name] = FileHash.sha256(text: try settings.resolvedYAML())
    }

    /// A file, by content; one that is absent counts as such.
    public mutating func add(file path: String) throws {
        parts["file \(path)"] = FileSystem.exists(path) ? try FileHash.sha256(path) : "absent"
    }

    /// An earlier stage of the same run: whatever changed there changes this stage too.
    public mutating func add(stage name: String, of context: StudyContext) throws {
        parts["stage \(name)"] = try StageMarker.read(name, in: context.runFolder)?.fingerprint.digest ?? "not finished"
    }

    /// 64 hexadecimal digits over all parts.
    public var digest: String {
        FileHash.sha256(text: parts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined())
    }

    /// Names of the parts that differ.
    func differences(from other: Fingerprint) -> [String] {
        Set(parts.keys).union(other.parts.keys).filter { parts[$0] != other.parts[$0] }.sorted()
    }
}
