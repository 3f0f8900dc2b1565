import Basics

/// The few numbers of a run's `summary.csv` that answer its question, as tables for people.
public struct SummaryHeadline {
    private let summary: RunTables.Rows
    private static let trained = ["diffusion_ddpm", "diffusion_ddim"]
    private static let compared = trained + ["alt", "memorizer", "interpolator", "generalizer"]

    /// - Parameter path: a run's `summary.csv`.
    /// - Throws: `Failure` when it is absent or damaged.
    public init(_ path: String) throws {
        summary = RunTables.Rows(content: try CSVText.parse(String(decoding: try FileSystem.read(path), as: UTF8.self), name: path))
    }

    /// Rows of `summary.csv`.
    public var rowCount: Int { summary.content.rows.count }

    /// The tables, each under a line that says what it shows; those whose probe did not run are left out.
    public var text: String {
        [fit, heldout, pictures, cost].filter { !$0.lines.isEmpty }.map { title, columns, lines in
            title + "\n" + TextColumns.align(([columns] + lines).map { ["  " + $0[0]] + $0.dropFirst() })
        }.joined(separator: "\n")
    }

    private typealias Section = (title: String, columns: [String], lines: [[String]])

    private var fit: Section {
        (
            "Fit: error of sampled sequences on training windows over the median D12; fitted below 0.5",
            ["policy", "error / D12", "verdict"],
            Self.trained.compactMap { policy in
                row("p01_error_over_d12", policy, "train").map { [policy, interval($0), summary.text("verdict", $0)] }
            }
        )
    }

    private var heldout: Section {
        let floors = [("p03_dcr_share", "DCR share"), ("p02_s_median", "S"), ("p02_d1_median", "d1")].compactMap { endpoint, name in
            row(endpoint, Self.trained[0], "heldout").map { "\(name) \(short("control_value", $0))" }
        }
        return (
            "Held-out observations (truth: \(floors.joined(separator: ", ")); null of the share 0.5, of C_T 0)",
            ["policy", "DCR share", "C_T", "S", "d1", "verdict"],
            Self.compared.compactMap { policy in
                let cells = ["p03_dcr_share", "p03_c_t", "p02_s_median", "p02_d1_median"].map { row($0, policy, "heldout") }
                guard cells.contains(where: { $0 != nil }) else { return nil }
                return [policy] + cells.map { $0.map(interval) ?? "-" } + [cells[0].map { summary.text("verdict", $0) } ?? "-"]
            }
        )
    }

    private var pictures: Section {
        var conditions: [String] = []
        for row in summary.content.rows where summary.text("unit", row) == "picture" {
            let condition = summary.text("condition", row)
            if !conditions.contains(condition) { conditions.append(condition) }
        }
        return (
            "Pictures that are no observations: S, share of the two most recalled demonstrations (chance beside it), flagged",
            ["pictures", "S diffusion_ddpm", "S alt", "top-2 diffusion_ddpm", "top-2 alt", "flagged by alt"],
            conditions.map { condition in
                let scores = ["diffusion_ddpm", "alt"].map { row("p02_s_median", $0, condition).map(interval) ?? "-" }
                let masses = ["diffusion_ddpm", "alt"].map { policy in
                    row("p08_top_2_mass", policy, condition).map { "\(short("value", $0)) (\(short("control_value", $0)))" } ?? "-"
                }
                return [condition] + scores + masses
                    + [row("p02_out_of_distribution_share", "alt", condition).map { short("value", $0) } ?? "-"]
            }
        )
    }

    private var cost: Section {
        (
            "Cost of one query, as a ratio to the diffusion policy's",
            ["policy", "time / DDPM", "time / DDIM", "memory / DDPM"],
            ["alt", "pixel_nearest"].compactMap { policy in
                let cells = ["latency_over_diffusion_ddpm", "latency_over_diffusion_ddim", "memory_over_diffusion_ddpm"].map {
                    row("p23_\($0)", policy, "timed")
                }
                return cells[0] == nil ? nil : [policy] + cells.map { $0.map(interval) ?? "-" }
            }
        )
    }

    private func row(_ endpoint: String, _ policy: String, _ condition: String) -> [String]? {
        summary.rows(where: ["endpoint": endpoint, "policy": policy, "condition": condition]).first
    }

    /// "0.69 [0.37, 0.94]".
    private func interval(_ row: [String]) -> String {
        let value = short("value", row)
        guard summary.number("ci_low", row) != nil else { return value }
        return "\(value) [\(short("ci_low", row)), \(short("ci_high", row))]"
    }

    private func short(_ column: String, _ row: [String]) -> String {
        summary.number(column, row).map { SignificantDigits.shortened($0, digits: 3) } ?? "-"
    }
}
