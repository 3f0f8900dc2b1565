import Basics
import Compute
import Policies
import Probes

/// Runs the probes over what the policies answered and writes their tables, `summary.csv`, what they say of the
/// oracles, and the claims.
struct ProbeStage: Stage {
    let name = "probe"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "query", of: context)
        try fingerprint.add(stage: "manifolds", of: context)
        try fingerprint.add("probes", context.settings.probes)
        try fingerprint.add("rules", context.settings.rules)
        fingerprint.add("top_k", text: "\(context.settings.alt.topK)")
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] { ["summary.csv", "oracles.csv", "claims.csv", "claims.md"] }

    /// What a study must have for a probe to have something to measure.
    private static func reasonToLeaveOut(_ probe: String, _ settings: Settings, _ data: StudyData) -> String? {
        switch probe {
        case "p12": settings.diffusion.training.auditedSteps.isEmpty ? "diffusion.training.audited_steps is empty" : nil
        case "p13": settings.state.sizes.isEmpty ? "state.sizes is empty" : nil
        case "p21": data.set.cameras.isEmpty ? "without cameras no picture is asked about" : nil
        default: nil
        }
    }

    func run(_ context: StudyContext) throws {
        let settings = context.settings
        let data = try cache.data(context)
        let probes = AllProbes.all.filter { probe in
            guard settings.probes.names.contains(probe.name) else { return false }
            guard let reason = Self.reasonToLeaveOut(probe.name, settings, data) else { return true }
            context.log.info("\(probe.name) is left out: \(reason)")
            return false
        }
        if !data.set.cameras.isEmpty {
            let policies = StudyPolicies(cache, context)
            let table = try policies.tables(.main).table(.main).policy
            let conditions = try StudyQueries(cache, context, .main).conditions()
            let matches = try LookupMatches(data: data, table: table, count: settings.alt.topK).table(conditions)
            try context.writeProbeTable(matches, name: "alt_matches")
        }
        let probeContext = try ProbeInputs(cache, context).context(probes: probes)
        var summary: [SummaryRow] = []
        let meter = context.progress.start("probing", total: probes.count)
        defer { meter.finish() }
        for (index, probe) in probes.enumerated() {
            try context.interruption.check()
            let result = try probe.run(probeContext)
            for (name, table) in result.tables {
                try context.writeProbeTable(table, name: name)
            }
            summary += result.summary
            meter.update(index + 1, detail: probe.name)
        }
        try context.writeSummary(SummaryTable(summary))
        try AtomicFile.write(
            OracleTable(summary).table.prefixed(by: context.resultContext.prefix).csv, to: context.runFolder.path("oracles.csv"))
        try ClaimsFile.write(Claims(summary, context: probeContext), context)
    }
}
