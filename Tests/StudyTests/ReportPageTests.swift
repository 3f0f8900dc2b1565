import Basics
import Foundation
import Study
import Testing
import TestSupport

@Suite struct ReportPageTests {
    @Test func `a run's page has the answer, every claim with rule and reason, its figures, and nothing from elsewhere`() throws {
        let run = try TinyStudy.finished.get()
        let page = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
        for claim in 1...9 { #expect(page.contains("id=\"c\(claim)\"") && page.contains("href=\"#c\(claim)\"")) }
        #expect(page.components(separatedBy: "<b>Why.</b>").count == 10 && page.components(separatedBy: "<b>Rule, fixed before the run.</b>").count == 10)
        // Whatever is loaded is inside.
        let sources = page.components(separatedBy: "src=\"").dropFirst()
        #expect(sources.allSatisfy { $0.hasPrefix("data:image/svg+xml;base64,") })
        #expect(!page.contains("http-equiv") && !page.contains("<script") && !page.contains("<link"))
        // A picture without words is nothing to who cannot see it.
        #expect(page.components(separatedBy: "<img ").dropFirst().allSatisfy { $0.hasPrefix("alt=\"") && !$0.hasPrefix("alt=\"\"") })
        // Every link of the page leads to a file of the run.
        for link in page.components(separatedBy: "href=\"").dropFirst().compactMap({ $0.split(separator: "\"").first }) where !link.hasPrefix("#") {
            #expect(FileManager.default.fileExists(atPath: "\(run)/\(link)"), "\(link)")
        }
        #expect(page.contains("ALT") && !page.contains("diffusion_ddpm</td>") && page.contains("summary.csv"))
        if ExternalProgram("gnuplot") != nil { #expect(sources.count > 20) }
        // Made anew from the run's files it is the same.
        try FileManager.default.removeItem(atPath: run + "/report.html")
        try ReportPage(run).write()
        #expect(try String(contentsOfFile: run + "/report.html", encoding: .utf8) == page)
    }
}
