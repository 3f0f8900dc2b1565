import Basics

/// The comparison with the peers so far.
public struct PeerReport {
    /// Installed version by package.
    public let versions: [String: String]
    public private(set) var summaries: [PeerSummary] = []
    /// What was left out, with the reason.
    public private(set) var skipped: [(row: String, library: PeerLibrary, reason: String)] = []
    /// Packages that are not installed.
    public private(set) var missing: [PeerPackage] = []

    init(versions: [String: String]) { self.versions = versions }

    mutating func skip(_ row: String, _ library: PeerLibrary, _ packages: [PeerPackage]) {
        skipped.append((row, library, "needs \(packages.map(\.package).joined(separator: ", "))"))
        missing += packages.filter { !missing.contains($0) }
    }

    mutating func add(_ row: PeerRow, _ turns: RowTurns) {
        for library in turns.libraries {
            guard let rounds = turns.rounds[library] else { continue }
            summaries.append(PeerSummary(row: row.row.name, library: library, target: row.target(of: library), turns: rounds))
        }
        for (library, reason) in turns.failures { skipped.append((row.row.name, library, reason)) }
    }

    /// The command that installs what is missing.
    func installation(python: String) -> String {
        "`\(python) -m pip install \(missing.map(\.package).joined(separator: " "))`"
    }

    /// `peers.csv`, one line per row and library: `ours` and `peer_value` are medians over the rounds in milliseconds (MiB for
    /// memory), `peer_value` of the library's better variant in each round; `ratio` is peer_value / ours, median and extremes
    /// over the rounds.
    public var table: Table {
        var table = Table(columns: [
            "row", "peer", "unit", "ours", "peer_value", "variant", "ratio", "ratio_min", "ratio_max", "rounds", "target", "note",
        ])
        for summary in summaries {
            let ratio = summary.ratio
            table.append([
                .text(summary.row), .text(summary.library.rawValue), .text(summary.unit), .number(summary.ours), .number(summary.peer),
                .text(summary.variant), .number(ratio.median), .number(ratio.low), .number(ratio.high), .integer(summary.turns.count),
                .text(summary.target), .missing,
            ])
        }
        for (row, library, reason) in skipped {
            table.append(
                [.text(row), .text(library.rawValue)] + Array(repeating: .missing, count: 7)
                    + [.integer(0), .missing, .text("skipped: \(reason)")])
        }
        return table
    }

    /// `peer_rounds.csv`: every variant of every library in every round.
    public var rounds: Table {
        var table = Table(columns: ["row", "peer", "round", "unit", "ours", "variant", "peer_value", "is_better", "ratio"])
        for summary in summaries {
            for (round, turn) in summary.turns.enumerated() {
                for (variant, value) in turn.peers.sorted(by: { $0.key < $1.key }) {
                    table.append([
                        .text(summary.row), .text(summary.library.rawValue), .integer(round + 1), .text(summary.unit),
                        .number(turn.ours), .text(variant), .number(value), Table.Cell(variant == turn.better.variant),
                        .number(value / turn.ours),
                    ])
                }
            }
        }
        return table
    }

    /// `peer_versions.csv`: what the peers ran on.
    public var packages: Table {
        var table = Table(columns: ["package", "version"])
        for package in PeerPackage.allCases {
            table.append([.text(package.package), versions[package.rawValue].map(Table.Cell.text) ?? .missing])
        }
        return table
    }

    /// The table on the terminal, then what was left out and how to get it.
    public func text(python: String) -> String {
        func number(_ value: Double) -> String { SignificantDigits.shortened(value, digits: 3) }
        let lines = summaries.map { summary in
            let ratio = summary.ratio
            return [
                summary.row, summary.library.rawValue, number(summary.ours), number(summary.peer), summary.unit, summary.variant,
                number(ratio.median), "\(number(ratio.low)) .. \(number(ratio.high))", summary.target,
            ]
        }
        var text = TextColumns.align([["row", "peer", "ours", "theirs", "unit", "variant", "ratio", "min .. max", "target"]] + lines)
        for (library, reason, rows) in reasons {
            text += "skipped  \(library.rawValue) in \(rows.joined(separator: ", ")): \(reason)\n"
        }
        if !missing.isEmpty { text += "install  \(installation(python: python))\n" }
        return text
    }

    /// What was left out, the rows of one library and reason together.
    private var reasons: [(library: PeerLibrary, reason: String, rows: [String])] {
        var reasons: [(library: PeerLibrary, reason: String, rows: [String])] = []
        for (row, library, reason) in skipped {
            if let place = reasons.firstIndex(where: { ($0.library, $0.reason) == (library, reason) }) {
                reasons[place].rows.append(row)
            } else {
                reasons.append((library, reason, [row]))
            }
        }
        return reasons
    }
}
