import Foundation
import Study

/// A run's results on standard output.
enum RunReport {
    /// The summary, when the run has one, and where its files are.
    /// - Parameter all: every row of the summary instead of the headline.
    static func print(_ path: String, all: Bool = false) throws {
        let summary = path + "/summary.csv"
        if FileManager.default.fileExists(atPath: summary) {
            if all {
                Swift.print(try SummaryHeadline(summary).allRows)
            } else {
                let headline = try SummaryHeadline(summary)
                Swift.print(headline.text)
                if FileManager.default.fileExists(atPath: path + "/claims.csv") {
                    Swift.print(try ClaimsText(path + "/claims.csv").text)
                }
                Swift.print("summary.csv has \(headline.rowCount) rows; `alt report --all \(path)` prints them\n")
            }
        }
        Swift.print("run      \(path)")
        for (label, name) in [("claims", "claims.md"), ("summary", "summary.csv"), ("probes", "probes"), ("plots", "plots"), ("sheets", "sheets"), ("log", "log.txt")] {
            let place = path + "/" + name
            guard FileManager.default.fileExists(atPath: place) else { continue }
            Swift.print(label.padding(toLength: 9, withPad: " ", startingAt: 0) + place)
        }
    }
}
