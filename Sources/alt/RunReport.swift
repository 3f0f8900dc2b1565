import Foundation
import Study

/// A run's results on standard output.
enum RunReport {
    /// The summary, when the run has one, and where its files are.
    static func print(_ path: String) throws {
        let summary = path + "/summary.csv"
        if FileManager.default.fileExists(atPath: summary) {
            Swift.print(try SummaryText.render(summary))
        }
        Swift.print("run      \(path)")
        for (label, name) in [("summary", "summary.csv"), ("probes", "probes"), ("plots", "plots"), ("log", "log.txt")] {
            let place = path + "/" + name
            guard FileManager.default.fileExists(atPath: place) else { continue }
            Swift.print(label.padding(toLength: 9, withPad: " ", startingAt: 0) + place)
        }
    }
}
