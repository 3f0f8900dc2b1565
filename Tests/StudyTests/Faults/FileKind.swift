/// What a file of the results is, by its name: damage is tried and counted for each.
enum FileKind: String, CaseIterable, Comparable, Sendable {
    case model, optimizer, state, metrics, entry, table, calibration, variants, answers, manifold, stage, record, configuration, overrides
    case status, provenance, split, policy, probe, summary, plot, sheet, lock, log, folder, other

    /// - Parameter path: a file's; temporary names count as the file they become, links and folders as `folder`.
    init(_ path: String) {
        let parts = path.split(separator: "/").map(String.init)
        let name = parts.last.map { $0.hasSuffix(".partial") ? String($0.dropLast(".partial".count)) : $0 } ?? ""
        if parts.dropLast().contains("policy"), name.contains(".") {
            self = .policy
        } else if let kind = Self.names[name] {
            self = kind
        } else if !name.contains(".") {
            self = .folder
        } else {
            // An entry of the store is called by its kind and a number.
            self = parts.dropLast().reversed().lazy.compactMap { part in
                Self.folders[part] ?? part.split(separator: "-").first.flatMap { Self.folders[String($0)] }
            }.first ?? .other
        }
    }

    private static let names: [String: FileKind] = [
        "model.safetensors": .model, "optimizer.safetensors": .optimizer, "state.json": .state, "metrics.csv": .metrics,
        "entry.json": .entry, "table.safetensors": .table, "calibration.csv": .calibration, "variants.csv": .variants,
        "run.json": .record, "config.yaml": .configuration, "overrides.txt": .overrides, "status.json": .status, "provenance.json": .provenance,
        "split.csv": .split, "summary.csv": .summary, "claims.csv": .summary, "claims.md": .summary, "oracles.csv": .summary,
        "report.html": .summary, "figures.csv": .summary,
        "lock": .lock, "log.txt": .log,
    ]

    private static let folders: [String: FileKind] = [
        "generated": .answers, "answers": .answers, "monitors": .answers, "manifolds": .manifold, "manifold": .manifold, "stages": .stage, "probes": .probe, "plots": .plot,
        "sheets": .sheet, "probe": .probe,
    ]

    /// Whether a file may stay damaged while a finished run is left alone, because the program looks at its SHA-256 before
    /// it reads it again: those of the store. People read the others.
    static func isCheckedWhenRead(_ path: String) -> Bool { path.hasPrefix("store/") }

    static func < (a: FileKind, b: FileKind) -> Bool { a.rawValue < b.rawValue }
}
