import Basics
import Logging

/// What a stage works with: the run's folder and the files that grow in it.
public struct RunContext: Sendable {
    public let folder: RunFolder
    public let metrics: MetricsFile
    public let provenance: ProvenanceFile
    /// Writes to `log.txt` and standard error.
    public let log: Logger
    /// Starts progress bars.
    public let progress: ProgressReporter
    public let interruption: Interruption

    /// First 8 hexadecimal digits of the dataset's SHA-256, `NA` before it has been recorded in the provenance.
    public var dataHash: String { provenance.dataset.map { String($0.sha256.prefix(8)) } ?? "NA" }

    public var resultContext: ResultContext {
        ResultContext(
            experiment: folder.configuration.experiment, configurationHash: folder.configuration.hash, dataHash: dataHash,
            seed: folder.configuration.seed)
    }

    /// Writes a table of results into the run's folder, every row with the run's context in front.
    public func write(_ results: Table, to relative: String) throws {
        try AtomicFile.write(results.prefixed(by: resultContext.prefix).csv, to: folder.path(relative))
    }
}

/// What every row of a result carries in front: which study, configuration, data and seed it comes from.
public struct ResultContext: Equatable, Sendable {
    public let experiment: String
    public let configurationHash: String
    public let dataHash: String
    public let seed: Int

    public init(experiment: String, configurationHash: String, dataHash: String, seed: Int) {
        self.experiment = experiment
        self.configurationHash = configurationHash
        self.dataHash = dataHash
        self.seed = seed
    }

    /// The columns `experiment`, `config_hash`, `data_hash`, `seed`.
    public var prefix: [(column: String, value: Table.Cell)] {
        [
            ("experiment", .text(experiment)), ("config_hash", .text(configurationHash)), ("data_hash", .text(dataHash)),
            ("seed", .integer(seed)),
        ]
    }
}
