import Basics
import Foundation

/// Pieces of a page.
enum HTML {
    /// Text in which nothing is markup.
    static func text(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }

    /// A table with a header; every cell is text. Numbers stand on the right.
    static func table(_ header: [String], _ rows: [[String]], numeric: Set<Int> = []) -> String {
        func row(_ cells: [String], _ tag: String) -> String {
            "<tr>" + cells.enumerated().map { "<\(tag)\(numeric.contains($0) ? " class=\"number\"" : "")>\(text($1))</\(tag)>" }.joined() + "</tr>"
        }
        let head = header.isEmpty ? "" : "<thead>\(row(header, "th"))</thead>"
        return "<div class=\"wide\"><table>\(head)<tbody>\n\(rows.map { row($0, "td") }.joined(separator: "\n"))\n</tbody></table></div>"
    }

    /// A picture as part of the page.
    static func image(_ svg: Data, alternative: String) -> String {
        "<img alt=\"\(text(alternative))\" src=\"data:image/svg+xml;base64,\(svg.base64EncodedString())\">"
    }

    /// A page of its own: nothing is fetched from anywhere.
    static func page(title: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(text(title))</title>
        <style>
        \(style)
        </style>
        </head>
        <body>
        <main>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    private static let style = """
        :root { color-scheme: light dark; --ink: #1c1c1c; --soft: #5c5c5c; --line: #d9d9d9; --paper: #ffffff; --card: #f6f6f4; --accent: #0b5d8f;
          --yes: #0a6b3d; --no: #a4301b; --open: #6a5a00; }
        @media (prefers-color-scheme: dark) { :root { --ink: #ececec; --soft: #b0b0b0; --line: #454545; --paper: #161616; --card: #222222;
          --accent: #7cc0ee; --yes: #6fd39f; --no: #ff9c86; --open: #e2cf6b; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "DejaVu Sans", Helvetica, Arial, sans-serif; }
        main { max-width: 68rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
        h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .4rem; }
        h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; border-top: 1px solid var(--line); padding-top: 1.2rem; }
        h3 { font-size: 1.02rem; margin: 1.4rem 0 .3rem; }
        p { margin: .4rem 0 .8rem; max-width: 48rem; }
        a { color: var(--accent); }
        .soft { color: var(--soft); }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-size: .88rem; margin: .5rem 0 1rem; }
        th, td { text-align: left; vertical-align: top; padding: .28rem .7rem .28rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; min-width: 4.2rem; max-width: 22rem; }
        th { font-weight: 600; color: var(--soft); }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .verdict { font-weight: 700; white-space: nowrap; }
        .supported { color: var(--yes); } .refuted { color: var(--no); } .undecided, .notfitted, .notasked { color: var(--open); }
        .claim { display: grid; grid-template-columns: 3rem 8rem 1fr; gap: .2rem .8rem; padding: .45rem 0; border-bottom: 1px solid var(--line); }
        .claim a { text-decoration: none; font-weight: 700; }
        .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem; align-items: start; }
        figure { margin: 0; background: var(--card); border-radius: .4rem; padding: .6rem; break-inside: avoid; }
        figure.page { grid-column: 1 / -1; }
        figure img { width: 100%; height: auto; background: #ffffff; border-radius: .2rem; display: block; }
        figcaption { font-size: .85rem; margin-top: .4rem; }
        details { margin: .4rem 0; } summary { cursor: pointer; color: var(--accent); }
        code { font-size: .9em; }
        @media (max-width: 40rem) { .claim { grid-template-columns: 3rem 1fr; } .claim .says { grid-column: 1 / -1; } body { font-size: 15px; } }
        @media print { :root { --ink: #000; --soft: #333; --line: #bbb; --paper: #fff; --card: #fff; --accent: #000; --yes: #000; --no: #000; --open: #000; }
          main { max-width: none; padding: 0; } body { font-size: 10pt; } details > *:not(summary) { display: block; } h2 { break-after: avoid; } }
        """
}
