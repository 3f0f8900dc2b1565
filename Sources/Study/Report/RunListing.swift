import Basics
import Foundation
import Probes
import Runs

/// A run in a list: where it stands, what was changed for it, when it was worked on last, and what its claims read.
public struct RunListing: Codable, Sendable {
    public let path: String
    /// See `RunCatalogue.Entry.state`.
    public let state: String
    public let isOlder: Bool
    public let stage: String?, work: String?
    public let step: Int?, steps: Int?
    public let exitCode: Int32?
    /// Why it failed, or was interrupted.
    public let message: String?, details: String?
    public let overrides: [String]
    /// When a process began to work on it last.
    public let started: String?
    /// Claims by their verdict; empty before there are any.
    public let verdicts: [String: [String]]

    /// Every run below a results folder, sorted by path. What cannot be read of a run is left out of its line.
    /// - Throws: `Failure` when there is no such folder.
    public static func all(in results: String) throws -> [RunListing] {
        try RunCatalogue.runs(in: results).map(RunListing.init)
    }

    /// One run.
    /// - Parameter path: of its folder.
    public init(_ path: String) throws { try self.init(RunCatalogue.entry(path)) }

    /// Why there are no results, or not all: state, stage, the whole failure, and what to do.
    public var standing: String {
        let place = [stage.map { "in stage \($0)" }, exitCode.map { "exit code \($0)" }].compactMap { $0 }.joined(separator: ", ")
        let what = details ?? message
        let remedy = ["interrupted", "died"].contains(state) ? "\n`alt resume \(path)` goes on with it" : ""
        return "this run is \(state)" + (place.isEmpty ? "" : ", \(place)") + (what.map { ":\n\($0)" } ?? "") + remedy
    }

    init(_ entry: RunCatalogue.Entry) throws {
        let status = entry.status
        (path, state, isOlder) = (entry.path, entry.state, entry.isOlder)
        (stage, work, step, steps) = (status?.stage, status?.work, status?.step, status?.steps)
        (exitCode, message, details) = (status?.exitCode, status?.message, status?.details)
        func read<Value>(_ file: String, _ content: () throws -> Value) throws -> Value? {
            guard FileSystem.exists("\(entry.path)/\(file)") else { return nil }
            do { return try content() } catch let failure as Failure where failure.kind == .data { return nil }
        }
        overrides = try read(RunRecord.fileName) { try RunRecord.read(run: entry.path).overrides } ?? []
        started = try read("provenance.json") { try Provenance.read(run: entry.path).attempts.last?.start } ?? nil
        let claims = try read("claims.csv") { try ClaimRow.read("\(entry.path)/claims.csv") } ?? []
        var verdicts: [String: [String]] = [:]
        for claim in claims where !verdicts.values.joined().contains(claim.claim) { verdicts[claim.claimVerdict, default: []].append(claim.claim) }
        self.verdicts = verdicts
    }

    /// Header and cells for people.
    public static func lines(_ runs: [RunListing]) -> [[String]] {
        [["run", "state", "stage", "step", "exit", "started", "verdicts", "changes"]]
            + runs.map { run in
                let verdicts = Claim.Verdict.allCases.compactMap { verdict in
                    run.verdicts[verdict.rawValue].map { "\(verdict.rawValue) \($0.joined(separator: " "))" }
                }
                return [
                    run.path, run.state + (run.isOlder ? " (older layout)" : ""), run.stage ?? "-",
                    run.step.map { step in (run.steps.map { "\(step)/\($0)" } ?? "\(step)") + (run.work.map { ", \($0)" } ?? "") } ?? "-", run.exitCode.map { "\($0)" } ?? "-",
                    run.started.map { $0.replacing("T", with: " ") } ?? "-", verdicts.isEmpty ? "-" : verdicts.joined(separator: "; "),
                    run.overrides.isEmpty ? "-" : run.overrides.joined(separator: " "),
                ]
            }
    }
}
