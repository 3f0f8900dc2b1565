import Basics
import Foundation
import Logging
import Plots
import Testing
import TestSupport

@Suite struct PlotTests {
    private static let hasGnuplot = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/gnuplot") }

    private static var curves: Plot {
        let thresholds = (0...20).map { Double($0) / 20 }
        return Plot(
            name: "curves", title: "Share of sequences below a ratio, it's a test", xLabel: "ratio threshold c",
            yLabel: "f_mem(c) (share)", kind: .curves,
            series: [
                .init("diffusion_ddpm", thresholds.map { .init(x: $0, y: $0, low: $0 * 0.9, high: min(1, $0 * 1.1)) }),
                .init("alt", thresholds.map { .init(x: $0, y: 1) }),
                .init("heldout", isControl: true, thresholds.map { .init(x: $0, y: $0 * $0 * $0, low: $0 * $0 * $0 * 0.8, high: $0 * $0) }),
                .init("null c^k", isControl: true, thresholds.map { .init(x: $0, y: $0 * $0) }),
            ], yRange: 0...1.02)
    }

    private static var intervals: Plot {
        let conditions = ["train", "heldout", "cat", "dog", "photograph", "noise", "blank", "texture", "pixel_shuffled"]
        func series(_ name: String, _ level: Double, isControl: Bool = false) -> Plot.Series {
            Plot.Series(name, isControl: isControl, conditions.indices.map {
                .init(x: Double($0), y: level, low: level - 0.1, high: level + 0.05)
            })
        }
        return Plot(
            name: "intervals", title: "Share nearer to training than to reference", xLabel: "condition", yLabel: "DCR share",
            kind: .intervals(categories: conditions.map { .init($0) }),
            series: [series("diffusion_ddpm", 0.7), series("diffusion_ddim", 0.66), series("alt", 0.95), series("heldout", 0.5, isControl: true)],
            references: [.init("null", 0.5)], yRange: 0...1.05)
    }

    private static var histogram: Plot {
        Plot(
            name: "histogram", title: "Nearest chunk of another demonstration", xLabel: "D12 (scaled RMS)", yLabel: "chunks",
            kind: .histogram(binWidth: 0.05),
            series: [
                .init("train", (0..<20).map { .init(x: 0.05 * Double($0), y: Double(20 - $0)) }),
                .init("query", isControl: true, (0..<20).map { .init(x: 0.05 * Double($0), y: Double($0)) }),
            ])
    }

    private static var matrix: Plot {
        let demonstrations = (0..<16).map { "demo_\($0)" }
        return Plot(
            name: "matrix", title: "Recalled demonstrations", xLabel: "training demonstration", yLabel: "share",
            kind: .matrix(categories: demonstrations.map { .init($0) }, null: nil, showsNumbers: true),
            series: ["heldout", "cat", "noise"].map { name in
                .init(name, isControl: name == "heldout", demonstrations.indices.map { .init(x: Double($0), y: Double(($0 * 7) % 5) / 5) })
            })
    }

    /// So many places that they stand one below the other.
    private static var ranking: Plot {
        Plot(
            name: "ranking", title: "Success in closed loop", xLabel: "policy", yLabel: "share of starts",
            kind: .intervals(categories: (0..<14).map { .init("policy_\($0)", "a policy with a name of its own, \($0)", mark: Plot.Mark.palette[$0 % 8]) }),
            series: [.init("success", (0..<14).map { .init(x: Double($0), y: Double($0) / 10 - 0.2, low: Double($0) / 12 - 0.2, high: 1) })],
            references: [.init("chance", 0.5)], yRange: 0...1)
    }

    @Test func `the data beside a plot hold every point with its interval and role`() throws {
        let folder = try SharedData.temporaryFolder()
        try PlotWriter(folder: folder, log: Logger(label: "test")).write(Self.intervals)
        let content = try CSVText.parse(try String(contentsOfFile: folder + "/intervals.csv", encoding: .utf8), name: "intervals.csv")
        #expect(content.columns == ["series", "role", "category", "x", "y", "low", "high"])
        #expect(content.rows.count == 36)
        #expect(content.rows[2] == ["diffusion_ddpm", "measured", "cat", "2.0", "0.7", "0.6", "0.75"])
        #expect(content.rows[27][1] == "control")
    }

    @Test(.enabled(if: hasGnuplot, "needs gnuplot"), arguments: [curves, intervals, histogram, matrix, ranking])
    func `gnuplot draws every kind as SVG, PDF and PNG, at the width of a column or a page`(plot: Plot) throws {
        let folder = try SharedData.temporaryFolder()
        try PlotWriter(folder: folder, log: Logger(label: "test")).write(plot)
        let picture = FileManager.default.contents(atPath: "\(folder)/\(plot.name).png").map(Array.init)
        #expect(picture?.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
        #expect((picture?.count ?? 0) > 8000)
        // The width in the picture's header, at 300 dots per inch: 8 or 17 cm.
        let width = (picture?[16..<20] ?? []).reduce(0) { $0 << 8 + Int($1) }
        #expect(width == 945 || width == 2008)
        #expect(FileManager.default.contents(atPath: "\(folder)/\(plot.name).pdf")?.prefix(5) == Data("%PDF-".utf8))
        let drawing = try String(contentsOfFile: "\(folder)/\(plot.name).svg", encoding: .utf8)
        for series in plot.series where plot.name != "ranking" { #expect(drawing.contains(series.label)) }
        for reference in plot.references { #expect(drawing.contains(reference.label)) }
        #expect(!drawing.contains("diffusion_ddpm"))
        #expect(drawing.contains("</svg>"))
    }

    @Test(.enabled(if: hasGnuplot, "needs gnuplot")) func `a figure drawn again is the same file, byte for byte`() throws {
        let folders = try (0..<2).map { _ in try SharedData.temporaryFolder() }
        for folder in folders {
            try PlotWriter(folder: folder, log: Logger(label: "test")).write(Self.intervals)
            // A PDF says the second in which it was made.
            Thread.sleep(forTimeInterval: 1.1)
        }
        for form in ["svg", "pdf", "png", "gp", "csv"] {
            let files = folders.map { FileManager.default.contents(atPath: "\($0)/intervals.\(form)") }
            #expect(files[0] != nil && files[0] == files[1], "\(form)")
        }
    }

    @Test func `points that are not finite are left out, and a plot without points is not written`() throws {
        let folder = try SharedData.temporaryFolder()
        let plot = Plot(
            name: "empty", title: "", xLabel: "", yLabel: "", kind: .curves, series: [.init("a", [.init(x: 0, y: .nan)])])
        try PlotWriter(folder: folder, log: Logger(label: "test")).write(plot)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func `without gnuplot data and script are written all the same`() throws {
        let folder = try SharedData.temporaryFolder()
        try PlotWriter(folder: folder, log: Logger(label: "test"), searchPath: folder).write(Self.histogram)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["histogram.csv", "histogram.gp"])
    }

    /// A program in place of gnuplot, in a folder of its own, found by name.
    private func impostor(_ script: String) throws -> String {
        let folder = try SharedData.temporaryFolder(), path = folder + "/gnuplot"
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return folder
    }

    /// Begins both pictures in the folder that `-e "cd '...'"` names, as on a full disk.
    private static let halfDrawn = """
        folder=$(printf %s "$2" | sed "s/^cd '//; s/'$//"); cd "$folder" || exit 1
        for picture in svg pdf png; do printf half > "${3%.gp}.$picture"; done
        """

    @Test(arguments: [("\(halfDrawn)", "without its end"), ("\(halfDrawn); echo no space >&2; exit 1", "no space"), ("exit 0", "no histogram.svg")])
    func `a picture that is not whole keeps no name and leaves nothing behind`(script: String, found: String) throws {
        let folder = try SharedData.temporaryFolder(), program = try impostor(script)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let writer = PlotWriter(folder: folder, log: Logger(label: "test"), searchPath: "\(program):\(path)")
        let failure = try #require(throws: Failure.self) { try writer.write(Self.histogram) }
        #expect(failure.kind == .inputOutput && failure.found?.contains(found) == true && failure.remedy != nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test(.enabled(if: hasGnuplot, "needs gnuplot"))
    func `an old picture stays until the new one is whole, and what a killed process left is removed`() throws {
        let folder = try SharedData.temporaryFolder() + "/it's here", log = Logger(label: "test")
        try PlotWriter(folder: folder, log: log).write(Self.histogram)
        let old = FileManager.default.contents(atPath: folder + "/histogram.png")
        #expect(throws: Failure.self) { try PlotWriter(folder: folder, log: log, searchPath: impostor("exit 1")).write(Self.histogram) }
        #expect(FileManager.default.contents(atPath: folder + "/histogram.png") == old)
        try FileManager.default.createDirectory(atPath: folder + "/histogram.partial", withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(fileURLWithPath: folder + "/histogram.partial/histogram.png"))
        try PlotWriter(folder: folder, log: log).write(Self.histogram)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["csv", "gp", "pdf", "png", "svg"].map { "histogram.\($0)" })
        #expect(FileManager.default.contents(atPath: folder + "/histogram.png") == old)
    }

    @Test func `many are drawn at a time, and the first that fails in their order is the error`() throws {
        let folder = try SharedData.temporaryFolder()
        let program = try impostor("case $3 in p1.gp) sleep 0.2; echo first >&2; exit 1;; *) echo second >&2; exit 1;; esac")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let plots = (1...6).map { number in
            var plot = Self.histogram
            plot.name = "p\(number)"
            return plot
        }
        let writer = PlotWriter(folder: folder, log: Logger(label: "test"), searchPath: "\(program):\(path)")
        let failure = try #require(throws: Failure.self) {
            try writer.write(plots, pool: WorkerPool(workers: 3), check: {}, drawn: { _, _ in })
        }
        #expect(failure.found?.contains("first") == true)
        let stop = Failure(.interrupted, "stopped")
        #expect(throws: stop) { try writer.write(plots, pool: WorkerPool(workers: 3), check: { throw stop }, drawn: { _, _ in }) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
}
