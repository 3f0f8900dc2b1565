import Basics
import Foundation

/// Our rows and the peer's by turns, several rounds of each row, so that both meet the machine in the same moods.
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
            let missing = row.packages.filter { peer.versions[$0.rawValue] == nil }
            guard missing.isEmpty else {
                report.skip(row.row.name, missing)
                continue
            }
            try compare(row, peer, &report)
            try each(report)
        }
        guard !report.summaries.isEmpty || report.missing.isEmpty else {
            throw Failure(
                .inputMissing, "no row can be compared", at: python, expected: PeerPackage.allCases.map(\.package).joined(separator: ", "),
                found: "without " + report.missing.map(\.package).joined(separator: ", "), remedy: report.installation(python: python))
        }
        return report
    }

    private func compare(_ row: PeerRow, _ peer: PeerProcess, _ report: inout PeerReport) throws {
        let name = row.row.name
        let subject = try row.row.prepare(context)
        try subject.check()
        let file = (subject as? LoadDemonstrations)?.path
        func ours() throws -> Double {
            row.row.isTimed
                ? try Timing.measure(effort, subject.run).median
                : try PeakMemory.ofChild(row: name, context, file: nil).peak
        }
        func theirs() throws -> PeerProcess.Answer {
            try peer.ask(PeerProcess.Request(row: name, runs: effort.runs, seconds: effort.seconds, file: file))
        }
        var turns: [PeerTurn] = []
        for round in 0..<rounds {
            context.progress("\(name): round \(round + 1) of \(rounds)")
            // Who goes first alternates; threads that wait actively get time to fall asleep.
            let first = round % 2 == 0 ? try ours() : nil
            Thread.sleep(forTimeInterval: 0.25)
            let answer = try theirs()
            Thread.sleep(forTimeInterval: 0.25)
            guard let peers = answer.variants, !peers.isEmpty else {
                report.fail(name, answer.error ?? "no variant")
                return
            }
            turns.append(PeerTurn(ours: try first ?? ours(), peers: peers))
        }
        report.summaries.append(PeerSummary(row: name, target: row.target, turns: turns))
    }
}
