import Basics
import Foundation
import Probes
import Runs

/// `report.html`: a run on one page that needs nothing beside it: the answer first, then each claim with its rule, the reason of its
/// verdict, its evidence and its figures, sheets and filmstrips, every other figure, where the numbers come from, and links to every
/// table that lies beside the page.
public struct ReportPage {
    private let folder: String
    private let facts: RunFacts
    private let rows: [ClaimRow]
    private let figures: [FigureRow]
    private let labels: Labels

    public static let file = "report.html"

    /// - Parameter folder: of a run whose probes and figures are done.
    /// - Throws: `Failure` when a file of the run is absent or damaged.
    public init(_ folder: String) throws {
        self.folder = folder
        facts = try RunFacts(folder)
        rows = try ClaimRow.read("\(folder)/claims.csv")
        figures = try FigureRow.read("\(folder)/\(FigureRow.name).csv")
        labels = Labels([facts.catalogue])
    }

    /// The whole page.
    /// - Throws: `Failure` when a figure or a table cannot be read.
    public func html() throws -> String {
        let claims = ClaimReport.all(rows, labels)
        let parts = [
            try head(claims), try claims.map(section).joined(separator: "\n"), try sheets(), try otherFigures(claims), try probes(), provenance,
            try tables(),
        ]
        return HTML.page(title: "\(facts.experiment), seed \(facts.seed): does the policy generalise, or does it recall?", parts.joined(separator: "\n"))
    }

    /// Writes it into the run's folder.
    public func write() throws { try AtomicFile.write(html(), to: "\(folder)/\(Self.file)") }

    private static func verdict(_ verdict: String) -> String {
        "<span class=\"verdict \(verdict.filter { $0 != " " })\">\(HTML.text(verdict))</span>"
    }

    private func head(_ claims: [ClaimReport]) throws -> String {
        let fit = rows.first.map { SummaryHeadline.interval($0.training.fit) } ?? "-"
        let list = claims.map { claim in
            """
            <div class="claim"><a href="#\(claim.id.lowercased())">\(HTML.text(claim.id))</a>\(Self.verdict(claim.verdict))\
            <span class="says">\(HTML.text(claim.statement))</span></div>
            """
        }
        let parts = facts.parts.map { "\($0.count) \($0.name.replacing("_", with: " "))" }.joined(separator: ", ")
        return """
            <h1>\(HTML.text(facts.experiment)): does the policy generalise, or does it recall?</h1>
            <p class="soft">The claims of arXiv 2505.05787 on \(HTML.text(facts.data)) (demonstrations: \(HTML.text(parts))), seed \(facts.seed).
            The policy under study misses its training windows by \(HTML.text(fit)) of the distance between demonstrations; below
            \(HTML.text("\(facts.settings.rules.fit)")) it counts as fitted.</p>
            \(HTML.table(["question", "answer", "numbers"], try FirstPage(run: folder).rows))
            \(list.joined(separator: "\n"))
            """
    }

    private func section(_ claim: ClaimReport) throws -> String {
        func table(_ lines: [ClaimReport.Line], isDeciding: Bool) -> String {
            HTML.table(
                ["number", "policy", "condition", "value", "unit", "beside"] + (isDeciding ? ["says", "rule"] : []),
                lines.map {
                    [$0.title, $0.policy, $0.condition, $0.value, $0.unit, $0.control] + (isDeciding ? [$0.reading?.rawValue ?? "", $0.rule] : [])
                }, numeric: [3])
        }
        let shown = claim.lines.filter { $0.reading == nil }
        let probes = Set(claim.deciding.map(\.probe)), own = figures.filter { $0.probe.map(probes.contains) ?? false }
        return """
            <h2 id="\(claim.id.lowercased())">\(HTML.text(claim.id)) \(Self.verdict(claim.verdict)): \(HTML.text(claim.statement))</h2>
            <p><b>Why.</b> \(HTML.text(claim.reason)).</p>
            <p class="soft"><b>Rule, fixed before the run.</b> \(HTML.text(claim.rule)).</p>
            \(claim.deciding.isEmpty ? "" : table(claim.deciding, isDeciding: true))
            \(shown.isEmpty ? "" : "<details><summary>\(shown.count) numbers beside it</summary>\(table(shown, isDeciding: false))</details>")
            \(try pictures(own))
            """
    }

    /// Figures side by side, each with its caption and where its data and its print form are.
    private func pictures(_ figures: [FigureRow]) throws -> String {
        let drawn = try figures.compactMap { figure -> String? in
            let place = "\(figure.folder)/\(figure.figure)"
            guard FileSystem.exists("\(folder)/\(place).svg") else { return nil }
            let svg = try FileSystem.read("\(folder)/\(place).svg")
            let links = ["csv", "pdf", "png", "gp"].map { "<a href=\"\(HTML.text(place)).\($0)\">\($0)</a>" }.joined(separator: " · ")
            return """
                <figure\(Self.isPage(svg) ? " class=\"page\"" : "")>\(HTML.image(svg, alternative: figure.title))
                <figcaption>\(HTML.text(figure.title)) <span class="soft">\(links)</span></figcaption></figure>
                """
        }
        return drawn.isEmpty ? "" : "<div class=\"figures\">\n\(drawn.joined(separator: "\n"))\n</div>"
    }

    /// Whether a picture is as wide as a page, by the width in its first tag.
    private static func isPage(_ svg: Data) -> Bool {
        let head = String(decoding: svg.prefix(600), as: UTF8.self)
        guard let start = head.range(of: "width=\"") else { return false }
        return (Int(head[start.upperBound...].prefix { $0.isNumber }) ?? 0) > 400
    }

    /// Held-out frames and animals, and episodes; the others lie beside the page.
    private func sheets() throws -> String {
        let all = figures.filter { $0.folder == "sheets" }
        let conditions = [Condition.heldout, .cat, .photographs(of: "cats")].map { $0.name + "_" }
        let shown = all.filter { sheet in sheet.figure.hasPrefix("rollout_") || conditions.contains { sheet.figure.hasPrefix($0) } }
        guard !shown.isEmpty else { return "" }
        let others = all.filter { sheet in !shown.contains { $0.figure == sheet.figure } }
        let links = others.map { "<a href=\"sheets/\(HTML.text($0.figure)).png\">\(HTML.text($0.title))</a>" }.joined(separator: " · ")
        return """
            <h2>What was shown, recalled and answered</h2>
            \(try pictures(shown))
            \(others.isEmpty ? "" : "<details><summary>\(others.count) more sheets</summary><p>\(links)</p></details>")
            """
    }

    private func otherFigures(_ claims: [ClaimReport]) throws -> String {
        let used = Set(claims.flatMap { $0.deciding.map(\.probe) })
        let rest = try pictures(figures.filter { $0.folder == "plots" && !($0.probe.map(used.contains) ?? false) })
        return rest.isEmpty ? "" : "<h2>Other figures</h2>\n" + rest
    }

    private func probes() throws -> String {
        let table = try CSVText.read("\(folder)/probes.csv")
        let names = ["probe", "title", "asked", "reason"].compactMap { table.columns.firstIndex(of: $0) }
        return "<h2>Probes</h2>\n" + HTML.table(["probe", "asks", "asked", "why not"], table.rows.map { row in names.map { row[$0] == "NA" ? "" : row[$0] } })
    }

    /// What does not differ between a run and its repetition: which processes worked on it, and when, stands in provenance.json.
    private var provenance: String {
        """
        <h2>Where the numbers come from</h2>
        \(HTML.table([], facts.lines.map { [$0.name, $0.value] }))
        <p><a href="config.yaml">config.yaml</a> repeats the run; <a href="provenance.json">provenance.json</a> says which processes worked on it,
        when, and which training was made by whom. <a href="policy/README.md">policy/</a> holds the policies to take away.</p>
        """
    }

    private func tables() throws -> String {
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
            path.hasSuffix(".csv") && !["plots/", "sheets/", "store/", "checkpoints/", "stages/"].contains { path.hasPrefix($0) }
        }.sorted()
        let links = files.map { "<a href=\"\(HTML.text($0))\">\(HTML.text($0))</a>" }.joined(separator: " · ")
        return "<h2>Tables</h2>\n<p>\(links)</p>\n<p class=\"soft\">What a column, an endpoint or a verdict means: <code>alt glossary</code>.</p>"
    }
}
