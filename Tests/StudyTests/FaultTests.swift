import Basics
import Foundation
import Testing

/// The promise that a run survives whatever happens to it: kill -9, a failing call, a full disk, a flipped bit.
///
/// `make test` tries a few of each, `make test-faults` all, and says in tables what came of them. `ALT_FAULTS` (a number,
/// or `all`) and `ALT_FLIPS` ask for any number between.
@Suite(.serialized) struct FaultTests {
    private let study: FaultStudy

    init() throws { study = try FaultStudy.shared.get() }

    /// An uninterrupted run, made once: its calls and what it leaves.
    private struct Whole: Sendable {
        let calls: [Call]
        let results: String
        let tree: ResultsTree
    }

    private static let whole: Result<Whole, any Error> = Result {
        let study = try FaultStudy.shared.get(), results = study.freshResults()
        return Whole(calls: try study.calls(results), results: results, tree: try ResultsTree(results))
    }

    @Test func `two uninterrupted runs make the same calls and leave the same files`() throws {
        let whole = try Self.whole.get(), results = study.freshResults()
        #expect(try study.calls(results) == whole.calls)
        #expect(try ResultsTree(results).differences(from: whole.tree) == [:])
        #expect(try study.run(results).description == "exit 0")
        #expect(try ResultsTree(results).differences(from: whole.tree) == [:])
        Campaign.say("faults: \(whole.calls.count) calls of a run change files")
    }

    @Test func `a run killed at any call goes on and ends with the same files`() throws {
        let calls = try Self.whole.get().calls
        try expectFine(.kill, Call.cover(calls, count: Campaign.faults, place: 0.3))
    }

    @Test func `a run whose call fails says so, goes on and ends with the same files`() throws {
        let calls = try Self.whole.get().calls
        try expectFine(.failure, Call.cover(calls, count: Campaign.faults, place: 0.7))
    }

    /// The first status is written before any work takes seconds.
    @Test func `a run whose status cannot be written, or is killed writing it, ends with the same files`() throws {
        let whole = try Self.whole.get(), trial = FaultTrial(study: study, whole: whole.tree)
        let first = try #require(study.calls(study.freshResults(), countsStatus: true).first { $0.kind == .status && $0.operation == "rename" })
        for kind in [Fault.Kind.kill, .failure] {
            let outcome = try trial.outcome(Fault(kind: kind, call: first, countsStatus: true))
            #expect(outcome.problem == nil, "\(outcome.description)")
        }
    }

    @Test func `a run on a disk that fills up says so, goes on and ends with the same files`() throws {
        let calls = try Self.whole.get().calls
        try expectFine(.fullDisk, Call.cover(calls, count: Campaign.fullDisks, place: 0.5))
    }

    @Test func `a flipped bit in a run in progress or in a finished one is detected or harmless`() throws {
        let whole = try Self.whole.get(), trial = FlipTrial(study: study)
        let halfWay = try [FileKind.model, .answers, .sheet].map { try snapshot(amid: $0, whole) }
        let finished = try Snapshot("finished", whole.results, isFinished: true, study: study)
        let flips = Flip.all(halfWay, count: Campaign.flips) + Flip.all([finished], count: Campaign.flips)
        let outcomes = try Campaign.run("flips", flips, isWrong: { !$0.verdict.isFine }) { try trial.outcome($0) }
        for outcome in outcomes where !outcome.verdict.isFine { Issue.record("\(outcome.description)") }
        if Campaign.isLong { Campaign.say(FlipTrial.table(outcomes)) }
    }

    private func expectFine(_ kind: Fault.Kind, _ calls: [Call]) throws {
        let trial = FaultTrial(study: study, whole: try Self.whole.get().tree)
        let outcomes = try Campaign.run(kind.rawValue, calls, isWrong: { $0.problem != nil }) {
            try trial.outcome(Fault(kind: kind, call: $0))
        }
        for outcome in outcomes where outcome.problem != nil { Issue.record("\(outcome.description)") }
        if Campaign.isLong { Campaign.say(FaultTrial.table(outcomes)) }
    }

    /// A run killed at the middle one of the calls that make a kind of file.
    private func snapshot(amid kind: FileKind, _ whole: Whole) throws -> Snapshot {
        let calls = whole.calls.filter { $0.kind == kind }, results = study.freshResults()
        try #require(!calls.isEmpty)
        let ending = try study.run(results, fault: Fault(kind: .kill, call: calls[calls.count / 2]))
        #expect(ending.way == .signal(SIGKILL))
        return try Snapshot("half-way through \(kind.rawValue)", results, isFinished: false, study: study)
    }
}
