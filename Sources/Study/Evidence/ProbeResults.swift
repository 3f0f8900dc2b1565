import Basics
import Foundation
import Probes
import Runs
import Store

/// A probe found that the data cannot answer it.
struct Unanswered: Error {
    let failure: Failure
}

/// The result of one probe, an entry of the store. It holds one result for every set of rules it was judged by, and the numbers
/// that depend on no rule, so that another rule is judged without resampling.
struct ProbeResults {
    let probe: any Probe
    let study: Study
    let run: RunContext

    private static let numbersSuffix = ".numbers.plist", resultSuffix = ".result.plist"

    private static func kind(_ probe: any Probe) -> Identity.Kind {
        Identity.Kind("probe_\(probe.name)", code: ArithmeticCode.answers + ["Configuration", "Plots", "Probes", "Study/Evidence", "Study/Rollouts", "Study/Settings"])
    }

    /// Every setting but those that decide no number of a probe, the answers, and where time is measured the machine.
    private func identity() throws -> Identity {
        var fingerprint = Fingerprint()
        try fingerprint.add("settings", study.settings.ofProbes)
        try fingerprint.add(stage: StageName.query, of: run)
        if !probe.needs.isDisjoint(with: [.rollouts, .monitoredRollouts]) { try fingerprint.add(stage: StageName.rollouts, of: run) }
        if probe.needs.contains(.manifolds) { try fingerprint.add(stage: StageName.manifolds, of: run) }
        if probe.needs.contains(.costs) {
            let machine = Machine.current()
            fingerprint.add("machine", text: "\(machine.processor), \(machine.cores) cores, \(study.settings.workers) workers")
        }
        return Identity(Self.kind(probe), fingerprint)
    }

    /// From the store; else asked now.
    /// - Parameter context: what the probe is asked with; made only where it must be asked.
    /// - Throws: `Unanswered` for data that cannot answer the probe; `Failure` for anything else.
    func obtain(_ context: (RuleReads, KeptNumbers) throws -> ProbeContext) throws -> ProbeResult {
        let rules = study.settings.rules, file = Self.file(rules)
        let entry = try run.obtain(identity(), "\(probe.name), \(probe.title)", needed: [file]) { folder, present in
            // Rules that the probe does not read may differ.
            for other in present where other.hasSuffix(Self.resultSuffix) {
                guard try KeptResult(FileSystem.read("\(folder)/\(other)")).holds(for: rules) else { continue }
                try FileSystem.replaceLink("\(folder)/\(file)", to: FileSystem.target(ofLink: "\(folder)/\(other)") ?? other)
                return present + [file]
            }
            let reads = RuleReads()
            let before = present.last { $0.hasSuffix(Self.numbersSuffix) }
            let kept = try before.map { try KeptNumbers(FileSystem.read("\(folder)/\($0)")) } ?? KeptNumbers()
            let given = try context(reads, kept), values = rules.values
            let result: ProbeResult
            do { result = try probe.run(given) } catch let failure as Failure where failure.kind == .data { throw Unanswered(failure: failure) }
            // Named by their content: what is there already is never written over.
            let content = try kept.content, numbers = String(FileHash.sha256(content).prefix(16)) + Self.numbersSuffix
            if !present.contains(numbers) { try AtomicFile.write(content, to: "\(folder)/\(numbers)") }
            try AtomicFile.write(KeptResult(result, rules: values.filter { reads.keys.contains($0.key) }).content, to: "\(folder)/\(file)")
            return Set(present + [numbers, file]).sorted()
        }
        return try KeptResult(entry.data(file)).result(of: probe)
    }

    private static func file(_ rules: DecisionRules) -> String {
        let text = rules.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
        return String(FileHash.sha256(text: text).prefix(16)) + resultSuffix
    }
}
