import Basics
import Foundation
import Probes

/// What is read of a run to put it beside others.
struct FinishedRun {
    let folder: String
    let facts: RunFacts
    let claims: [ClaimRow]
    let summary: [SummaryRecord]
    let episodes: [EpisodeRecord]

    /// - Throws: `Failure` (`inputMissing`) for a run without results, and when a file of it is absent or damaged.
    init(_ folder: String) throws {
        guard FileSystem.exists("\(folder)/claims.csv") else {
            throw Failure(
                .inputMissing, "this run has no results to compare", at: folder, expected: "a run that reached its claims",
                found: try RunListing(folder).standing, remedy: "`alt resume \(folder)` goes on with it")
        }
        self.folder = folder
        facts = try RunFacts(folder)
        claims = try ClaimRow.read("\(folder)/claims.csv")
        summary = try SummaryRecord.read("\(folder)/summary.csv")
        let rollouts = "\(folder)/\(EpisodeRecord.file)"
        episodes = FileSystem.exists(rollouts) ? try EpisodeRecord.read(rollouts) : []
    }

    /// Several runs, each once.
    static func all(_ folders: [String]) throws -> [FinishedRun] {
        let real = folders.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
        if let twice = real.indices.first(where: { real[..<$0].contains(real[$0]) }) {
            throw Failure(.usage, "a run stands twice in the list", at: folders[twice], remedy: "name every run once")
        }
        return try folders.map(FinishedRun.init)
    }

    /// The rows of the summary by what they are of.
    var endpoints: [EndpointKey: SummaryRecord] { Dictionary(summary.map { (EndpointKey($0), $0) }) { first, _ in first } }

    /// The endpoints that decide a claim.
    var deciding: Set<EndpointKey> {
        Set(claims.filter { $0.reading != nil && $0.reading != Reading.shown.rawValue }.compactMap(EndpointKey.init))
    }

    /// A number of every demonstration that was asked about: the mean over its sequences, by policy and condition.
    /// - Throws: `Failure` when the table is damaged.
    func means(_ measure: SampleMeasure) throws -> [PolicyCondition: [String: Double]] {
        let file = "\(folder)/probes/\(measure.table).csv"
        guard FileSystem.exists(file) else { return [:] }
        let samples = try measure.samples(CSVText.read(file), file: file).filter { !$0.demonstration.isEmpty }
        return Dictionary(grouping: samples) { PolicyCondition(policy: $0.policy, condition: $0.condition) }.mapValues { own in
            Dictionary(grouping: own, by: \.demonstration).mapValues { $0.reduce(0) { $0 + $1.value } / Double($0.count) }
        }
    }

    /// Success from every start, by policy and scene.
    var successes: [PolicyCondition: [Int: Bool]] {
        let own = episodes.filter { ![.closedLoopReference, .closedLoopChoice].contains($0.condition) }
        return Dictionary(grouping: own) { PolicyCondition(policy: $0.policy.name, condition: $0.condition, task: $0.task) }.mapValues { episodes in
            Dictionary(episodes.map { ($0.start, $0.isSuccess) }) { first, _ in first }
        }
    }
}

/// Whose numbers, and where.
struct PolicyCondition: Hashable, Comparable {
    let policy: String
    let condition: Condition
    /// Of episodes.
    var task = ""

    /// On a terminal: held-out observations and the task as it is, of the policies compared first.
    var isShown: Bool {
        [.heldout, .closedLoop].contains(condition) && Self.comparedFirst.contains { $0.name == policy }
    }

    private static let comparedFirst = [Catalogue.subject, Catalogue.sampler, Catalogue.table, Catalogue.audited, Catalogue.auditedSampler]

    private var order: [String] { [task, policy, condition.name] }
    static func < (first: PolicyCondition, second: PolicyCondition) -> Bool { first.order.lexicographicallyPrecedes(second.order) }
}
