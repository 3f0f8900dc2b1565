import Basics
import Foundation

/// Results at some point of a run, to damage copies of.
struct Snapshot: Sendable {
    let name: String
    let folder: String
    /// Files that can be damaged, by kind, and their bytes.
    let files: [FileKind: [(path: String, data: Data)]]
    /// Whether the run had ended.
    let isFinished: Bool
    /// What the run leaves when it is resumed without damage, and what it and another study after it leave.
    let whole: ResultsTree
    let wholeOfBoth: ResultsTree

    init(_ name: String, _ folder: String, isFinished: Bool, study: FaultStudy) throws {
        (self.name, self.folder, self.isFinished) = (name, folder, isFinished)
        let files = try ResultsTree(folder).files.filter { !$0.key.hasSuffix(".partial") }
        self.files = Dictionary(grouping: files.map { (path: $0, data: $1) }.sorted { $0.path < $1.path }) { FileKind($0.path) }
        let copy = study.freshResults()
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        func resumed(_ overrides: [String]) throws -> ResultsTree {
            let ending = try study.run(copy, overrides)
            guard ending.way == .exit(0) else { throw Failure(.defect, "an undamaged run failed", at: name, found: ending.description) }
            return try ResultsTree(copy)
        }
        whole = try resumed([])
        wholeOfBoth = isFinished ? try resumed(FaultStudy.otherStudy) : whole
    }
}

/// One bit of one file.
struct Flip: Sendable, CustomStringConvertible {
    let snapshot: Snapshot
    let kind: FileKind
    let path: String
    let whole: Data
    let bit: Int

    var description: String { "\(snapshot.name): bit \(bit % 8) of byte \(bit / 8) of \(path)" }

    /// `count` flips of each kind of file in the snapshots, in turn.
    static func all(_ snapshots: [Snapshot], count: Int) -> [Flip] {
        FileKind.allCases.flatMap { kind -> [Flip] in
            // The log is written and never read.
            let places = snapshots.filter { $0.files[kind] != nil }
            guard kind != .log, !places.isEmpty else { return [] }
            return (0..<count).map { index in
                let snapshot = places[index % places.count]
                var random = RandomSource(Seed(0) / "flips" / snapshot.name / kind.rawValue / index)
                let file = snapshot.files[kind, default: []].randomElement(using: &random)
                return Flip(
                    snapshot: snapshot, kind: kind, path: file?.path ?? "", whole: file?.data ?? Data(),
                    bit: random.index(below: (file?.data.count ?? 1) * 8))
            }
        }
    }

    func damage(_ results: String) throws {
        var data = whole
        data[bit / 8] ^= 1 << UInt8(bit % 8)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: results + "/" + path))
        try file.write(contentsOf: data)
        try file.close()
    }
}

/// A run resumed on damaged results, or a finished one asked for again, and what came of it.
struct FlipTrial: Sendable {
    enum Verdict: String, CaseIterable, Sendable {
        /// Nothing said, every file as without the damage.
        case harmless
        /// A warning and then every file as without the damage, or an error that says what to do.
        case detected
        /// Nothing said; the file stays damaged until the program reads it, which looks at its SHA-256.
        case dormant
        /// Nothing said and the damaged file left as it was, though people read it.
        case left
        /// Nothing said, and other files differ.
        case silent
        /// Something was said, and files differ all the same.
        case wrong
        /// An error that does not say what to do, or with another code than 65, 66, 73 and 74.
        case unclear
        case crash, hang

        var isFine: Bool { [.harmless, .detected, .dormant].contains(self) }
    }

    struct Outcome: Sendable {
        var flip: Flip
        var verdict: Verdict
        var detail: String

        var description: String { "\(verdict.rawValue): \(flip): \(detail)" }
    }

    let study: FaultStudy

    func outcome(_ flip: Flip) throws -> Outcome {
        let results = study.freshResults()
        defer { try? FileManager.default.removeItem(atPath: results) }
        try FileManager.default.copyItem(atPath: flip.snapshot.folder, toPath: results)
        try flip.damage(results)
        let first = try judged(flip, results, [], flip.snapshot.whole)
        // Entries of the store are read by every study that shares them.
        guard flip.path.hasPrefix("store/"), flip.snapshot.isFinished, [.harmless, .dormant].contains(first.verdict) else { return first }
        return try judged(flip, results, FaultStudy.otherStudy, flip.snapshot.wholeOfBoth)
    }

    private func judged(_ flip: Flip, _ results: String, _ overrides: [String], _ expected: ResultsTree) throws -> Outcome {
        let ending = try study.run(results, overrides)
        var differences: [String: String] = [:]
        if ending.way == .exit(0) { differences = try ResultsTree(results).differences(from: expected) }
        // The file itself is seen through links as well.
        let real = URL(fileURLWithPath: results + "/" + flip.path).resolvingSymlinksInPath().path
        let others = differences.filter {
            URL(fileURLWithPath: results + "/" + $0.key).resolvingSymlinksInPath().path != real
        }
        let detail = [ending.description, ResultsTree.shown(differences)].filter { !$0.isEmpty }.joined(separator: "; ")
        return Outcome(flip: flip, verdict: verdict(ending, flip, differences, others), detail: detail)
    }

    private func verdict(
        _ ending: FaultStudy.Ending, _ flip: Flip, _ differences: [String: String], _ others: [String: String]
    ) -> Verdict {
        switch ending.way {
        case .hang: return .hang
        case .signal: return .crash
        case .exit(0): break
        case .exit(let code): return [65, 66, 73, 74].contains(code) && ending.said.contains("to do:") ? .detected : .unclear
        }
        let isSilent = ending.said.isEmpty
        guard others.isEmpty else { return isSilent ? .silent : .wrong }
        if differences.isEmpty { return isSilent ? .harmless : .detected }
        if !isSilent, ending.said.contains(PathName.last(of: flip.path)) { return .detected }
        return FileKind.isCheckedWhenRead(flip.path) ? .dormant : .left
    }

    /// By kind of file: how many flips had which verdict.
    static func table(_ outcomes: [Outcome]) -> String {
        let groups = Dictionary(grouping: outcomes) { outcome in
            "\(outcome.flip.kind.rawValue), \(outcome.flip.snapshot.isFinished ? "finished" : "in progress")"
        }
        return Campaign.table(
            "flips", columns: Verdict.allCases.map(\.rawValue),
            groups.sorted { $0.key < $1.key }.map { name, group in
                (name, Verdict.allCases.map { verdict in group.filter { $0.verdict == verdict }.count })
            })
    }
}
