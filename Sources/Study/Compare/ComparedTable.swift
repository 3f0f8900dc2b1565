import Basics

/// One table of a comparison: for a terminal and a page as texts, as a file with every digit.
public struct ComparedTable: Sendable {
    /// The file's name without its ending.
    public let name: String
    public let title: String
    /// What stands in it, or why nothing does.
    public let note: String
    public let columns: [String]
    /// For people; may be fewer rows than the file has.
    public let lines: [[String]]
    public let table: Table

    var text: String { "\(title)\n\(note)\n" + (lines.isEmpty ? "" : TextColumns.align([columns] + lines)) }

    var html: String {
        let numeric = Set(columns.indices.filter { column in lines.allSatisfy { ($0[column].first.map { $0.isNumber || $0 == "-" }) ?? true } })
        return "<h2>\(HTML.text(title))</h2>\n<p class=\"soft\">\(HTML.text(note)) <a href=\"\(name).csv\">\(name).csv</a></p>\n"
            + (lines.isEmpty ? "" : HTML.table(columns, lines, numeric: numeric))
    }
}

/// What several runs say, beside each other.
public struct RunsPage: Sendable {
    public let title: String
    public let tables: [ComparedTable]

    /// For a terminal.
    public var text: String { ([title + "\n"] + tables.map(\.text)).joined(separator: "\n") }

    public var html: String {
        HTML.page(title: title, "<h1>\(HTML.text(title))</h1>\n" + tables.map(\.html).joined(separator: "\n"))
    }

    /// Writes `PAGE.html` and a CSV file a table into a folder, which is made.
    /// - Returns: the page's path.
    /// - Throws: `Failure` when it cannot be written.
    public func write(_ page: String, to folder: String) throws -> String {
        try FileSystem.makeFolder(folder)
        for table in tables { try AtomicFile.write(table.table.csv, to: "\(folder)/\(table.name).csv") }
        try AtomicFile.write(html, to: "\(folder)/\(page).html")
        return "\(folder)/\(page).html"
    }
}
