import Logging

/// What a stage works with.
public struct StudyContext: Sendable {
    public let settings: Settings
    public let runFolder: RunFolder
    public let metrics: MetricsFile
    public let provenance: ProvenanceFile
    /// Writes to `log.txt` and standard error.
    public let log: Logger
    /// Starts progress bars.
    public let progress: ProgressReporter
    public let interruption: Interruption

    /// First 8 hexadecimal digits of the dataset's SHA-256, `NA` before the data stage has recorded it.
    public var dataHash: String { provenance.dataset.map { String($0.sha256.prefix(8)) } ?? "NA" }
}
