import Basics
import Probes
import Runs
import Store

/// What a run was made with, read from its folder, for the head of its pages.
struct RunFacts {
    let experiment: String, configurationHash: String
    let seed: Int
    /// The demonstrations' file, as it was named, with its content's hash.
    let data: String, dataHash: String
    /// Demonstrations in each part.
    let parts: [(name: String, count: Int)]
    let rulesHash: String
    /// The program and the processor of the last process that worked on the run.
    let program: String, processor: String
    let overrides: [String]
    let settings: Settings

    /// - Throws: `Failure` when a file of the run is absent or damaged.
    init(_ folder: String) throws {
        let record = try RunRecord.read(run: folder), provenance = try Provenance.read(run: folder)
        (experiment, configurationHash, seed) = (record.experiment, record.configurationHash, record.seed)
        (dataHash, overrides) = (record.dataSha256, record.overrides)
        settings = try ExperimentFile.load("\(folder)/config.yaml").settings
        data = settings.data.path
        let split = try CSVText.read("\(folder)/split.csv")
        let column = split.columns.firstIndex(of: "part") ?? 0
        let names = split.rows.map { $0[column] }
        parts = names.distinct.map { part in (part, names.count { $0 == part }) }
        rulesHash = String(FileHash.sha256(text: try settings.rules.resolvedYAML()).prefix(8))
        let last = provenance.attempts.last
        program = ProgramIdentity(commit: last?.commit, isDirty: last?.dirty, code: [:]).description
        processor = last.map { "\($0.machine.processor), \($0.machine.cores) cores" } ?? "unknown"
    }

    /// Name and value, for people.
    var lines: [(name: String, value: String)] {
        let divided = parts.map { "\($0.count) \($0.name.replacing("_", with: " "))" }.joined(separator: ", ")
        return [
            ("study", "\(experiment), configuration \(configurationHash), seed \(seed)"),
            ("changes typed", overrides.isEmpty ? "none" : overrides.joined(separator: " ")),
            ("data", "\(data), SHA-256 \(dataHash.prefix(16))…; demonstrations: \(divided)"),
        ] + audited + encoder + [
            ("rules", "\(rulesHash) (`rules` of config.yaml), fixed before the run"),
            ("program", "commit \(program), on \(processor)"),
        ]
    }

    /// What the lookup table's encoder has seen.
    private var encoder: [(name: String, value: String)] {
        guard settings.data.cameras != [], settings.audit?.controls != false else { return [] }
        let file = settings.alt.encoder.pretrained
        return [
            (
                "ALT's encoder",
                file.map { "begins with \($0) as `alt_pretrained`; the other variants' encoders learn from the training frames alone" }
                    ?? "learns from the training frames alone; the published one begins with ImageNet's weights, and its row is left out: `alt.encoder.pretrained` names no file"
            )
        ]
    }

    /// What of an audit must fit between the policy and the demonstrations, and was compared.
    private var audited: [(name: String, value: String)] {
        guard let audit = settings.audit else { return [] }
        let windows = settings.windows, cameras = settings.data.cameras ?? [], lowDim = settings.data.lowDim ?? []
        let start = windows.observationSteps == 1 ? "from now on" : "from \(windows.observationSteps - 1) before now"
        return [
            ("audited", "\(audit.policy): \(audit.manner ?? "not opened"), SHA-256 \((audit.identity ?? "").prefix(16))…; trained on \(audit.trainedOn)"),
            (
                "it observes",
                "\(windows.observationSteps) steps of \((cameras + lowDim).joined(separator: ", "))"
            ),
            ("it answers", "\(windows.horizon) actions \(start), of which \(windows.executedSteps) are carried out, in the units of the file's actions"),
        ]
    }

    var catalogue: Catalogue { Catalogue(settings) }
}
