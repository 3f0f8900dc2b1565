import Foundation

/// One call of a run made to fail, the run then resumed, and compared with an uninterrupted one.
struct FaultTrial: Sendable {
    struct Outcome: Sendable {
        var fault: Fault
        /// How the disturbed run ended.
        var ending: FaultStudy.Ending
        /// What is not as it must be; nil when all is.
        var problem: String?

        var description: String { "\(fault.kind.rawValue) at \(fault.call): \(problem ?? "fine")" }
    }

    let study: FaultStudy
    /// What an uninterrupted run leaves.
    let whole: ResultsTree

    func outcome(_ fault: Fault) throws -> Outcome {
        let results = study.freshResults(), log = results + ".calls"
        defer {
            try? FileManager.default.removeItem(atPath: results)
            unlink(log)
        }
        let ending = try study.run(results, fault: fault, log: log, countsStatus: fault.countsStatus)
        let calls = try Call.read(log, results: results)
        var problems = [missed(fault, calls), complaint(ending, fault)].compactMap { $0 }
        if ending.way == .exit(0) {
            let differences = try ResultsTree(results).differences(from: whole)
            if !differences.isEmpty { problems.append("exit 0, but " + ResultsTree.shown(differences)) }
        }
        let resumed = try study.run(results)
        if resumed.way != .exit(0) {
            problems.append("resuming: \(resumed.description)")
        } else {
            let differences = try ResultsTree(results).differences(from: whole)
            if !differences.isEmpty { problems.append("resumed: " + ResultsTree.shown(differences)) }
        }
        return Outcome(fault: fault, ending: ending, problem: problems.isEmpty ? nil : problems.joined(separator: "; "))
    }

    /// Another call than the one meant means that runs do not repeat.
    private func missed(_ fault: Fault, _ calls: [Call]) -> String? {
        guard let call = calls.first(where: { $0.number == fault.call.number }) else { return "the call never came" }
        return call == fault.call ? nil : "another call came: \(call)"
    }

    private func complaint(_ ending: FaultStudy.Ending, _ fault: Fault) -> String? {
        switch (fault.kind, ending.way) {
        case (.kill, .signal(SIGKILL)): nil
        case (.failure, .exit(0)), (.fullDisk, .exit(0)): nil
        case (.failure, .exit(73)), (.failure, .exit(74)), (.fullDisk, .exit(73)), (.fullDisk, .exit(74)):
            ending.said.contains("error: ") ? nil : "\(ending.way) without a word"
        default: ending.description
        }
    }

    /// By operation: how many were tried, how they ended, how many went wrong.
    static func table(_ outcomes: [Outcome]) -> String {
        let columns: [(String, (Outcome) -> Bool)] = [
            ("tried", { _ in true }), ("killed", { $0.ending.way == .signal(SIGKILL) }), ("exit 0", { $0.ending.way == .exit(0) }),
            ("exit 73", { $0.ending.way == .exit(73) }), ("exit 74", { $0.ending.way == .exit(74) }),
            ("no \"to do\"", { $0.ending.said.contains("error: ") && !$0.ending.said.contains("to do:") }),
            ("wrong", { $0.problem != nil }),
        ]
        let groups = Dictionary(grouping: outcomes) { "\($0.fault.kind.rawValue) \($0.fault.call.operation)" }
            .merging(Dictionary(grouping: outcomes) { "\($0.fault.kind.rawValue), all" }) { $1 }
        return Campaign.table(
            "fault", columns: columns.map(\.0),
            groups.sorted { $0.key < $1.key }.map { name, group in (name, columns.map { column in group.filter(column.1).count }) })
    }
}
