import Basics

/// The comparison with the peer so far.
public struct PeerReport {
    /// Installed version by package.
    public let versions: [String: String]
    public internal(set) var summaries: [PeerSummary] = []
    /// Rows that were left out, with the reason.
    public private(set) var skipped: [(row: String, reason: String)] = []
    /// Packages that are not installed.
    public private(set) var missing: [PeerPackage] = []

    init(versions: [String: String]) { self.versions = versions }

    mutating func skip(_ row: String, _ packages: [PeerPackage]) {
        skipped.append((row, "needs \(packages.map(\.package).joined(separator: ", "))"))
        missing += packages.filter { !missing.contains($0) }
    }

    mutating func fail(_ row: String, _ error: String) { skipped.append((row, "the peer failed: \(error)")) }

    /// The command that installs what is missing.
    func installation(python: String) -> String {
        "`\(python) -m pip install \(missing.map(\.package).joined(separator: " "))`"
    }

    /// `peers.csv`, one row per row: `ours` and `peer` are medians over the rounds in milliseconds (MiB for memory), `peer` of
    /// the better variant of each round; `ratio` is peer / ours, median and extremes over the rounds.
    public var table: Table {
        var table = Table(columns: ["row", "unit", "ours", "peer", "variant", "ratio", "ratio_min", "ratio_max", "rounds", "target", "note"])
        for summary in summaries {
            let ratio = summary.ratio
            table.append([
                .text(summary.row), .text(summary.unit), .number(summary.ours), .number(summary.peer), .text(summary.variant),
                .number(ratio.median), .number(ratio.low), .number(ratio.high), .integer(summary.turns.count),
                .text(summary.target), .missing,
            ])
        }
        for (row, reason) in skipped {
            table.append([.text(row)] + Array(repeating: .missing, count: 7) + [.integer(0), .missing, .text("skipped: \(reason)")])
        }
        return table
    }

    /// `peer_rounds.csv`: every variant of every round.
    public var rounds: Table {
        var table = Table(columns: ["row", "round", "unit", "ours", "variant", "peer", "is_better", "ratio"])
        for summary in summaries {
            for (round, turn) in summary.turns.enumerated() {
                for (variant, value) in turn.peers.sorted(by: { $0.key < $1.key }) {
                    table.append([
                        .text(summary.row), .integer(round + 1), .text(summary.unit), .number(turn.ours), .text(variant),
                        .number(value), Table.Cell(variant == turn.better.variant), .number(value / turn.ours),
                    ])
                }
            }
        }
        return table
    }

    /// `peer_versions.csv`: what the peer ran on.
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
                summary.row, number(summary.ours), number(summary.peer), summary.unit, summary.variant, number(ratio.median),
                "\(number(ratio.low)) .. \(number(ratio.high))", summary.target,
            ]
        }
        var text = TextColumns.align([["row", "ours", "peer", "unit", "variant", "ratio", "min .. max", "target"]] + lines)
        for (row, reason) in skipped { text += "skipped  \(row): \(reason)\n" }
        if !missing.isEmpty { text += "install  \(installation(python: python))\n" }
        return text
    }
}

extension PeerSummary {
    var unit: String { row.hasPrefix("memory_") ? "MiB" : "ms" }
}

/// What a row of the comparison needs beside ours, and what it aims at.
public struct PeerRow: Sendable {
    public let row: BenchmarkRow
    /// Python modules the peer needs, by the name of their package.
    public let packages: [PeerPackage]
    /// Smallest wanted ratio of the peer's time to ours. Documentation: nothing passes or fails by it.
    public let target: String

    /// Those of the rows that have a peer.
    public static func all(_ rows: [BenchmarkRow]) -> [PeerRow] {
        rows.filter(\.hasPeer).map { row in
            switch row.name {
            case "train_step_image", "train_step_alt": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 1.5, aim 2")
            case "forward_backward_unet": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 1.5, aim 2.5")
            case "policy_query_100_steps": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 6")
            case "alt_encode_one": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 2")
            case "reference_unet_one_step", "memory_train_step": PeerRow(row: row, packages: [.numpy, .torch], target: ">= 1")
            case "lookup_top5_10000": PeerRow(row: row, packages: [.numpy, .faiss], target: ">= 1")
            case "lookup_top5_1000000": PeerRow(row: row, packages: [.numpy, .faiss], target: ">= 2")
            case "load_robomimic": PeerRow(row: row, packages: [.numpy, .h5py], target: ">= 1")
            case let name where name.hasPrefix("lookup_"): PeerRow(row: row, packages: [.numpy, .faiss], target: "-")
            case let name where name.hasSuffix("_samples"):
                PeerRow(row: row, packages: [.numpy, .torch], target: ">= 1.5")
            default: PeerRow(row: row, packages: [.numpy, .torch], target: "-")
            }
        }
    }
}

/// A package of Python's that the peer uses; the raw value is the module's name.
public enum PeerPackage: String, Sendable, CaseIterable {
    case numpy, torch, faiss, h5py

    /// Its name for pip.
    public var package: String { self == .faiss ? "faiss-cpu" : rawValue }
}
