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

/// One round of one row: ours and every variant of the peer, measured one after the other. Milliseconds, or MiB for memory.
public struct PeerTurn: Sendable, Equatable {
    public let ours: Double
    /// By variant, for instance a memory layout.
    public let peers: [String: Double]

    public init(ours: Double, peers: [String: Double]) {
        precondition(!peers.isEmpty, "a turn without a peer")
        self.ours = ours
        self.peers = peers
    }

    /// The variant with the smallest value; the first by name among equals.
    public var better: (variant: String, value: Double) {
        let best = peers.min { ($0.value, $0.key) < ($1.value, $1.key) }
        guard let best else { preconditionFailure("a turn without a peer") }
        return (best.key, best.value)
    }

    /// How many times ours goes into the better variant: above 1 ours is ahead.
    public var ratio: Double { better.value / ours }
}

/// All rounds of one row.
public struct PeerSummary: Sendable, Equatable {
    public let row: String
    /// What the project aims at, for the reader.
    public let target: String
    public let turns: [PeerTurn]

    public init(row: String, target: String, turns: [PeerTurn]) {
        precondition(!turns.isEmpty, "a summary of no rounds")
        self.row = row
        self.target = target
        self.turns = turns
    }

    /// Median over the rounds.
    public var ours: Double { Timing.median(turns.map(\.ours)) }
    /// Median over the rounds of the round's better variant.
    public var peer: Double { Timing.median(turns.map { $0.better.value }) }
    /// The variant that was better most often; the first by name among equals.
    public var variant: String {
        let counts = Dictionary(grouping: turns) { $0.better.variant }.mapValues(\.count)
        return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? ""
    }
    /// Median, smallest and largest of the rounds' ratios.
    public var ratio: (median: Double, low: Double, high: Double) {
        let ratios = turns.map(\.ratio)
        return (Timing.median(ratios), ratios.reduce(.infinity, min), ratios.reduce(0, max))
    }
}
