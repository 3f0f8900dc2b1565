import Basics
import Foundation

/// Our rows and the libraries' by turns, several rounds of each row, so that all meet the machine in the same moods.
public struct PeerComparison {
    public let rows: [PeerRow]
    public let context: BenchmarkContext
    public let rounds: Int
    /// Of one turn.
    public let effort: Timing.Effort

    public init(rows: [BenchmarkRow], context: BenchmarkContext, rounds: Int, effort: Timing.Effort) {
        self.rows = PeerRow.all(rows)
        self.context = context
        self.rounds = rounds
        self.effort = effort
    }

    /// - Parameters:
    ///   - python: a program's name or path.
    ///   - script: the peer, `Tests/Fixtures/peers/torch_peer.py`.
    ///   - each: called after every row with everything so far.
    /// - Throws: `Failure`: `inputMissing` without Python or without any of its packages, `defect` when a check fails,
    ///   `inputOutput` when the peer ends.
    public func run(python: String, script: String, _ each: (PeerReport) throws -> Void = { _ in }) throws -> PeerReport {
        let peer = try PeerProcess(python: python, script: script, threads: context.workers)
        var report = PeerReport(versions: peer.versions)
        for row in rows {
            var turns = RowTurns()
            for library in row.libraries {
                let missing = library.packages.filter { peer.versions[$0.rawValue] == nil }
                if missing.isEmpty { turns.begin(library) } else { report.skip(row.row.name, library, missing) }
            }
            guard !turns.libraries.isEmpty else { continue }
            try compare(row, peer, &turns)
            report.add(row, turns)
            try each(report)
        }
        guard !report.summaries.isEmpty || report.missing.isEmpty else {
            throw Failure(
                .inputMissing, "no row can be compared", at: python, expected: PeerPackage.allCases.map(\.package).joined(separator: ", "),
                found: "without " + report.missing.map(\.package).joined(separator: ", "), remedy: report.installation(python: python))
        }
        return report
    }

    private func compare(_ row: PeerRow, _ peer: PeerProcess, _ turns: inout RowTurns) throws {
        let name = row.row.name, asked = turns.libraries
        let subject = try row.row.prepare(context)
        try subject.check()
        let file = (subject as? LoadDemonstrations)?.path
        func ours() throws -> Double {
            row.row.isTimed
                ? try Timing.measure(effort, subject.run).median
                : try PeakMemory.ofChild(row: name, context, file: nil).peak
        }
        func theirs(runs: Int) throws -> PeerProcess.Answer {
            try peer.ask(
                PeerProcess.Request(row: name, libraries: asked.map(\.rawValue), runs: runs, seconds: effort.seconds, file: file))
        }
        // Exporting and compiling take minutes: not between ours and theirs.
        context.progress("\(name): preparing \(asked.map(\.rawValue).joined(separator: ", "))")
        turns.drop(failedIn: try theirs(runs: 0))
        for round in 0..<rounds where !turns.libraries.isEmpty {
            context.progress("\(name): round \(round + 1) of \(rounds)")
            // Who goes first alternates; threads that wait actively get time to fall asleep.
            let first = round % 2 == 0 ? try ours() : nil
            Thread.sleep(forTimeInterval: 0.25)
            let answer = try theirs(runs: effort.runs)
            Thread.sleep(forTimeInterval: 0.25)
            turns.add(answer, ours: try first ?? ours())
        }
    }
}

/// One row's rounds by library, and why libraries have none.
struct RowTurns {
    /// Those that have not failed.
    private(set) var libraries: [PeerLibrary] = []
    private(set) var rounds: [PeerLibrary: [PeerTurn]] = [:]
    private(set) var failures: [(library: PeerLibrary, reason: String)] = []

    mutating func begin(_ library: PeerLibrary) { libraries.append(library) }

    /// Of a library that fails in any round no round counts: medians over different rounds would not compare.
    mutating func drop(failedIn answer: PeerProcess.Answer) {
        for library in libraries {
            if let reason = answer.error ?? answer.skipped?[library.rawValue] { fail(library, reason) }
        }
    }

    mutating func add(_ answer: PeerProcess.Answer, ours: Double) {
        drop(failedIn: answer)
        for library in libraries {
            if let values = answer.variants?[library.rawValue], !values.isEmpty {
                rounds[library, default: []].append(PeerTurn(ours: ours, peers: values))
            } else {
                fail(library, "the peer answered without a value of it")
            }
        }
    }

    private mutating func fail(_ library: PeerLibrary, _ reason: String) {
        failures.append((library, reason))
        libraries.removeAll { $0 == library }
        rounds[library] = nil
    }
}
