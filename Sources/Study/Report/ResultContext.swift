import Basics

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

extension StudyContext {
    public var resultContext: ResultContext {
        ResultContext(
            experiment: settings.experiment, configurationHash: runFolder.configurationHash, dataHash: dataHash, seed: settings.seed)
    }

    /// Writes a probe's table as `probes/<name>.csv`, every row with the run's context in front.
    public func writeProbeTable(_ table: Table, name: String) throws {
        try AtomicFile.write(table.prefixed(by: resultContext.prefix).csv, to: runFolder.path("probes/\(name).csv"))
    }

    /// Writes `summary.csv`.
    public func writeSummary(_ summary: SummaryTable) throws {
        try AtomicFile.write(summary.table(resultContext).csv, to: runFolder.path("summary.csv"))
    }
}
