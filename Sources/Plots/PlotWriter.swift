import Basics
import Foundation
import Logging
import Synchronization

/// Something `PlotWriter` can write: data, and a gnuplot script that draws them.
public protocol Figure: Sendable {
    /// File name without extension.
    var name: String { get }
    /// What it shows; one line or several.
    var title: String { get }
    var table: Table { get }
    /// Draws `<name>.svg`, `<name>.pdf` and `<name>.png` from `<name>.csv` beside it.
    var script: String { get }
    /// Files that the script reads beside its data, by names that begin with the figure's.
    var attachments: [(name: String, content: Data)] { get }
    /// Whether there is nothing to draw.
    var isEmpty: Bool { get }
}

extension Figure {
    public var attachments: [(name: String, content: Data)] { [] }
}

/// Writes plots into a folder: `<name>.csv`, `<name>.gp` and, with gnuplot, `<name>.svg`, `<name>.pdf` and `<name>.png`.
///
/// gnuplot writes in place and may end with status 0 on a full disk. It therefore draws in `<name>.partial`, and what is
/// whole moves from there to its name.
public struct PlotWriter: Sendable {
    let folder: String
    let log: Logger
    let gnuplot: ExternalProgram?
    private let keeper: Keeper?

    /// Gives the files of a figure: those it has kept, or what `draw` makes in a folder, whose file names it returns.
    public typealias Keeper = @Sendable (_ figure: any Figure, _ draw: (_ folder: String) throws -> [String]) throws -> [(name: String, content: Data)]

    /// Looks for gnuplot through `searchPath`; without it the pictures are left out, with one warning, and the run goes on.
    /// - Parameter drawsPictures: false leaves them out
    public init(
        folder: String, log: Logger, searchPath: String? = ProcessInfo.processInfo.environment["PATH"], drawsPictures: Bool = true, keeper: Keeper? = nil
    ) {
        self.folder = folder
        self.log = log
        self.keeper = keeper
        gnuplot = drawsPictures ? ExternalProgram("gnuplot", searchPath: searchPath) : nil
        if gnuplot == nil, drawsPictures {
            log.warning(
                "gnuplot is missing: plots are left as .gp and .csv; `apt-get install gnuplot-nox`, then `gnuplot NAME.gp` in \(folder)")
        }
    }

    /// - Throws: `Failure` when a file cannot be written or gnuplot fails; no file is then new. A plot without points is left
    ///   out with a message.
    public func write(_ plot: any Figure) throws {
        guard !isEmpty(plot) else { return }
        try draw(plot)
    }

    /// Writes many, as many at a time as the pool has workers.
    /// - Parameters:
    ///   - check: called before each; what it throws ends the work.
    ///   - drawn: called after each with the number of those that are drawn.
    /// - Throws: What `check` throws, else the failure of the first plot, in their order, that failed.
    public func write(
        _ plots: [any Figure], pool: WorkerPool, check: @Sendable () throws -> Void,
        drawn: @Sendable (_ done: Int, _ name: String) -> Void
    ) throws {
        let plots = plots.filter { !isEmpty($0) }
        let done = Atomic<Int>(0), first = Mutex<(index: Int, error: any Error)?>(nil)
        pool.run(lanes: plots.count) { index, _ in
            // Those before a failure are drawn all the same: one of them may fail too.
            guard first.withLock({ $0.map { index < $0.index } ?? true }) else { return }
            do {
                try check()
                try draw(plots[index])
                drawn(done.add(1, ordering: .relaxed).newValue, plots[index].name)
            } catch {
                first.withLock { first in
                    if first.map({ index < $0.index }) ?? true { first = (index, error) }
                }
            }
        }
        // A stop ends gnuplot too, which is no failure.
        try check()
        if let first = first.withLock({ $0 }) { throw first.error }
    }

    private func isEmpty(_ plot: any Figure) -> Bool {
        if plot.isEmpty { log.info("plot \(plot.name): nothing to draw") }
        return plot.isEmpty
    }

    private func draw(_ plot: any Figure) throws {
        guard let keeper else {
            _ = try draw(plot, to: folder)
            return
        }
        for file in try keeper(plot, { try draw(plot, to: $0) }) { try AtomicFile.write(file.content, to: "\(folder)/\(file.name)") }
    }

    /// - Returns: the names of the files.
    private func draw(_ plot: any Figure, to folder: String) throws -> [String] {
        // Left by a process that was killed while it drew.
        let drawing = "\(folder)/\(plot.name).partial"
        try Self.removeFolder(drawing)
        try FileSystem.makeFolder(drawing)
        do {
            try AtomicFile.write(plot.table.csv, to: "\(drawing)/\(plot.name).csv")
            try AtomicFile.write(plot.script, to: "\(drawing)/\(plot.name).gp")
            for file in plot.attachments { try AtomicFile.write(file.content, to: "\(drawing)/\(file.name)") }
            let pictures = try gnuplot.map { try draw(plot, in: drawing, by: $0) } ?? []
            let files = ["\(plot.name).csv", "\(plot.name).gp"] + plot.attachments.map(\.name) + pictures
            for file in files { try FileSystem.rename("\(drawing)/\(file)", to: "\(folder)/\(file)") }
            try Self.removeFolder(drawing)
            return files
        } catch {
            // The first failure says more than a second one.
            do { try Self.removeFolder(drawing) } catch { log.warning("\(drawing) is left behind") }
            throw error
        }
    }

    /// Runs the script in a folder that holds it and its data.
    /// - Returns: the names of the pictures, whole and on the disk.
    private func draw(_ plot: any Figure, in drawing: String, by gnuplot: ExternalProgram) throws -> [String] {
        // gnuplot changes its own folder: a child that is started in another one would move this process for a moment.
        let result = try gnuplot.run(["-e", "cd \(gnuplotQuoted(drawing))", "\(plot.name).gp"])
        guard result.status == 0 else {
            throw failure("gnuplot could not draw a plot", plot, found: result.error.isEmpty ? "exit status \(result.status)" : result.error)
        }
        return try PictureForm.allCases.map { form in
            let name = "\(plot.name).\(form.rawValue)", path = "\(drawing)/\(name)"
            guard FileSystem.exists(path) else { throw failure("gnuplot drew no picture", plot, found: "no \(name)") }
            let content = try FileSystem.read(path)
            guard form.isWhole(content) else {
                throw failure("gnuplot did not write a whole picture", plot, found: "\(name) without its end")
            }
            // The same figure is the same file, whenever it is drawn.
            if form == .pdf { try AtomicFile.write(Self.undated(content), to: path) } else { try FileSystem.flush(path) }
            return name
        }
    }

    /// A PDF whose date of creation is that of no clock. Its places in the file, which a PDF lists, stay the same.
    private static func undated(_ content: Data) -> Data {
        var content = content
        let key = Data("/CreationDate (D:".utf8), date = Data("19700101000000".utf8)
        guard let found = content.range(of: key), found.upperBound + date.count <= content.endIndex else { return content }
        content.replaceSubrange(found.upperBound..<found.upperBound + date.count, with: date)
        return content
    }

    private func failure(_ what: String, _ plot: any Figure, found: String) -> Failure {
        Failure(
            .inputOutput, what, at: "\(folder)/\(plot.name)", expected: "a whole SVG, PDF and PNG picture", found: found,
            remedy: "check the free space of the disk (df -h); the same command again draws what is missing")
    }

    private static func removeFolder(_ path: String) throws {
        guard FileSystem.exists(path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw Failure(
                .inputOutput, "cannot remove a folder", at: path, found: error.localizedDescription, remedy: "remove it by hand")
        }
    }
}

/// The pictures of a plot by their suffix.
private enum PictureForm: String, CaseIterable {
    case svg, pdf, png

    /// Whether the last thing such a file holds is there.
    func isWhole(_ data: Data) -> Bool {
        switch self {
        // The length, name and checksum of the chunk IEND.
        case .png: return data.suffix(12) == Data([0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82])
        case .pdf: return String(decoding: data.suffix(16), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("%%EOF")
        case .svg: return String(decoding: data.suffix(64), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines).hasSuffix("</svg>")
        }
    }
}
