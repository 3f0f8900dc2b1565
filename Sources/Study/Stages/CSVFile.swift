import Basics

/// CSV files of a run: every row begins with experiment, config_hash, data_hash and seed.
enum CSVFile {
    static func write(_ table: Table, to path: String, _ context: StudyContext) throws {
        let prefixed = table.prefixed(by: [
            ("experiment", .text(context.settings.experiment)), ("config_hash", .text(context.runFolder.configurationHash)),
            ("data_hash", .text(context.dataHash)), ("seed", .integer(context.settings.seed)),
        ])
        try AtomicFile.write(prefixed.csv, to: path)
    }
}
