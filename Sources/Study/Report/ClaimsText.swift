import Basics

/// `claims.csv` for people: one line per claim with the evidence that decided it.
public struct ClaimsText {
    private let rows: RunTables.Rows

    /// - Parameter path: a run's `claims.csv`.
    /// - Throws: `Failure` when it is absent or damaged.
    public init(_ path: String) throws {
        rows = RunTables.Rows(content: try CSVText.parse(String(decoding: try FileSystem.read(path), as: UTF8.self), name: path))
    }

    private static let columns = ["claim", "verdict", "probe", "endpoint", "policy", "condition", "value", "control", "says"]

    /// Aligned columns for a terminal.
    public var text: String {
        heading + "\n" + TextColumns.align([Self.columns] + lines(all: false)) + "\n" + statements.map { "  \($0)\n" }.joined()
    }

    /// The same with every piece of evidence as a document.
    public var markdown: String {
        let lines = [Self.columns, Self.columns.map { _ in "---" }] + lines(all: true)
        return """
            # Claims

            \(heading)

            \(lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n"))

            \(statements.map { "- " + $0 }.joined(separator: "\n"))

            """
    }

    private var heading: String {
        guard let row = rows.rows().first else { return "No claim was judged." }
        return """
            Policy under study: sampled error on training windows \(interval("fit", "fit_low", "fit_high", row)) of D12, \
            training loss \(short("training_loss", row)), \(short("steps", row)) steps, \(short("epochs", row)) epochs of \
            \(short("windows", row)) windows
            """
    }

    /// "C1: what it says. Rule: ...", one per claim.
    private var statements: [String] {
        rows.distinct("claim").compactMap { claim in
            rows.rows(where: ["claim": claim]).first.map { row in
                "\(claim) \(rows.text("claim_verdict", row)): \(rows.text("statement", row))"
            }
        }
    }

    private func lines(all: Bool) -> [[String]] {
        rows.distinct("claim").flatMap { claim -> [[String]] in
            let own = rows.rows(where: ["claim": claim])
            let deciding = own.filter { rows.text("verdict", $0) != "shown" }
            // A claim that nothing decides is printed with what is shown.
            let chosen = all ? own : deciding.isEmpty ? Array(own.prefix(1)) : deciding
            return chosen.enumerated().map { place, row in
                [
                    place == 0 ? claim : "", place == 0 ? rows.text("claim_verdict", row) : "", text("probe", row),
                    text("endpoint", row), text("policy", row), text("condition", row),
                    interval("value", "ci_low", "ci_high", row), "\(text("control", row)) \(short("control_value", row))",
                    text("verdict", row),
                ]
            }
        }
    }

    private func text(_ column: String, _ row: [String]) -> String {
        let text = rows.text(column, row)
        return text == "NA" ? "-" : text
    }

    private func interval(_ value: String, _ low: String, _ high: String, _ row: [String]) -> String {
        guard rows.number(low, row) != nil else { return short(value, row) }
        return "\(short(value, row)) [\(short(low, row)), \(short(high, row))]"
    }

    private func short(_ column: String, _ row: [String]) -> String {
        rows.number(column, row).map { SignificantDigits.shortened($0, digits: 3) } ?? "-"
    }
}
