import Basics
import Compute
import Policies
import Probes

/// Runs the probes over what the policies answered and writes their tables and `summary.csv`.
struct ProbeStage: Stage {
    let name = "probe"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "query", of: context)
        fingerprint.add("probes", context.settings.probes)
        fingerprint.add("top_k", text: "\(context.settings.alt.topK)")
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] { ["summary.csv"] }

    func run(_ context: StudyContext) throws {
        let data = try cache.data(context), settings = context.settings
        let conditions = try QueryConditions(data: data, settings: settings).all()
        let generated = try conditions.flatMap { condition in
            try GeneratedFile(condition: condition, data: data).read(
                context.runFolder.path(GeneratedFile.path(condition.name)))
        }
        let probes = AllProbes.all.filter { settings.probes.names.contains($0.name) }
        let chunks = StudyChunks(data), policies = StudyPolicies(data, context)
        var trainFeatures: ObservationFeatures?, queryFeatures: ObservationFeatures?
        if !data.set.cameras.isEmpty {
            let table = try policies.lookupTable().policy
            let width = table.rows.embeddings.count / table.rowCount
            let embedded = table.embed(data.query.map { data.layout.observation(of: $0, in: data.set) })
            trainFeatures = ObservationFeatures(name: "alt encoder", width: width, values: table.rows.embeddings)
            queryFeatures = ObservationFeatures(name: "alt encoder", width: width, values: embedded)
            let matches = try LookupMatches(data: data, table: table, count: settings.alt.topK).table(conditions)
            try context.writeProbeTable(matches, name: "alt_matches")
        }
        let costs = probes.contains { $0.name == "p23" } ? try InferenceCosts(policies).measure(conditions) : []
        let probeContext = try ProbeContext(
            train: chunks.chunks(of: data.train), reference: chunks.chunks(of: data.reference),
            query: chunks.chunks(of: data.query), generated: generated, trainFeatures: trainFeatures,
            queryFeatures: queryFeatures, costs: costs, resamples: settings.probes.resamples,
            seed: settings.root / "probes", workers: settings.workers)
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
    }
}
