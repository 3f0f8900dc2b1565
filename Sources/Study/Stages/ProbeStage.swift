import Basics
import Policies
import Probes
import Runs

/// Runs the probes over what the policies answered and writes their tables, `summary.csv`, what they say of the
/// oracles, and the claims.
struct ProbeStage: Stage {
    let name = "probe"
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "query", of: run)
        try fingerprint.add(stage: "manifolds", of: run)
        fingerprint.add("probes", study.settings.probes)
        fingerprint.add("rules", study.settings.rules)
        fingerprint.add("top_k", text: "\(study.settings.alt.topK)")
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] { ["summary.csv", "oracles.csv", "claims.csv", "claims.md"] }

    /// What a study must have for a probe to have something to measure.
    private static func reasonToLeaveOut(_ probe: String, _ settings: Settings, _ data: StudyData) -> String? {
        switch probe {
        case "p12": settings.diffusion.training.auditedSteps.isEmpty ? "diffusion.training.audited_steps is empty" : nil
        case "p13": settings.state.sizes.isEmpty ? "state.sizes is empty" : nil
        case "p21": data.set.cameras.isEmpty ? "without cameras no picture is asked about" : nil
        default: nil
        }
    }

    func run(_ run: RunContext) throws {
        let settings = study.settings
        let data = try study.data(run)
        let probes = AllProbes.all.filter { probe in
            guard settings.probes.names.contains(probe.name) else { return false }
            guard let reason = Self.reasonToLeaveOut(probe.name, settings, data) else { return true }
            run.log.info("\(probe.name) is left out: \(reason)")
            return false
        }
        if !data.set.cameras.isEmpty {
            let policies = StudyPolicies(study, run)
            let table = try policies.tables(.main).table(.main).policy
            let conditions = try study.conditions(run)
            let matches = try LookupMatches(data: data, table: table, count: settings.alt.topK).table(conditions)
            try run.write(matches, to: "probes/alt_matches.csv")
        }
        let probeContext = try ProbeInputs(study, run).context(probes: probes)
        var summary: [SummaryRow] = []
        let meter = run.progress.start("probing", total: probes.count)
        defer { meter.finish() }
        for (index, probe) in probes.enumerated() {
            try run.interruption.check()
            let result = try probe.run(probeContext)
            for (name, table) in result.tables {
                try run.write(table, to: "probes/\(name).csv")
            }
            summary += result.summary
            meter.update(index + 1, detail: probe.name)
        }
        try run.write(SummaryTable(summary).table, to: "summary.csv")
        try run.write(OracleTable(summary).table, to: "oracles.csv")
        try run.write(Claims(summary, context: probeContext).table, to: "claims.csv")
        try AtomicFile.write(try ClaimsText(run.folder.path("claims.csv")).markdown, to: run.folder.path("claims.md"))
    }
}
