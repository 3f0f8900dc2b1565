import Basics
import Probes

/// `claims.md`: what a run says of the claims, with what it was made with, every rule, the reason of every verdict in words, the
/// evidence, and the figures that show it.
struct ClaimsPage {
    let facts: RunFacts
    let rows: [ClaimRow]
    /// Names of the figures that were drawn.
    let figures: [String]
    let firstPage: FirstPage

    var markdown: String {
        let claims = ClaimReport.all(rows, Labels([facts.catalogue]))
        let head = facts.lines.map { "| \($0.name) | \($0.value) |" }.joined(separator: "\n")
        let table = claims.map { "| [\($0.id)](#\($0.id.lowercased())) | \($0.statement) | **\($0.verdict)** |" }.joined(separator: "\n")
        return """
            # Claims: \(facts.experiment)

            | | |
            | --- | --- |
            \(head)
            | policy under study | \(fit) |

            | question | answer | numbers |
            | --- | --- | --- |
            \(firstPage.rows.map { "| \($0[0]) | **\($0[1])** | \($0[2]) |" }.joined(separator: "\n"))

            | claim | says | verdict |
            | --- | --- | --- |
            \(table)

            \(claims.map(section).joined(separator: "\n"))
            What a name, a formula or a verdict means: `alt glossary`.

            """
    }

    private var fit: String {
        guard let training = rows.first?.training else { return "no claim was judged" }
        func short(_ value: Double?) -> String { SummaryHeadline.short(value) }
        return """
            error on training windows \(SummaryHeadline.interval(training.fit)) of the median D12, training loss \(short(training.loss)), \
            \(short(training.steps.map(Double.init))) steps, \(short(training.epochs)) epochs of \
            \(short(training.windows.map(Double.init))) windows
            """
    }

    private func section(_ claim: ClaimReport) -> String {
        let lines = claim.deciding + claim.lines.filter { $0.reading == nil }
        let table = lines.map { line in
            let cells = [
                line.title, line.policy, line.condition, line.value, line.unit, line.control, line.reading?.rawValue ?? "shown",
                line.reading == nil ? "" : line.rule,
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }
        let evidence = table.isEmpty ? "" : "\n| number | policy | condition | value | unit | beside | says | rule of the number |\n" + "| --- | --- | --- | --- | --- | --- | --- | --- |\n" + table.joined(separator: "\n") + "\n"
        let probes = lines.distinct(\.probe)
        let links = probes.flatMap { probe in figures.filter { $0.hasPrefix(probe + "_") } }.map { "[\($0)](plots/\($0).svg)" }
        return """
            <a id="\(claim.id.lowercased())"></a>
            ## \(claim.id) \(claim.verdict): \(claim.statement)

            Why: \(claim.reason).

            Rule: \(claim.rule).
            \(evidence)\(links.isEmpty ? "" : "\nFigures: \(links.joined(separator: ", ")).\n")
            """
    }
}
