import Basics
import Demonstrations
import Policies
import Foundation
import Runs
import Store
import Tabletop

/// Checks the demonstrations against the settings, and writes down which demonstration is in which part.
struct DataStage: Stage {
    let name = StageName.data
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var settings = study.settings.data
        // What is read counts, not where it lies.
        settings.path = DataSettings().path
        var fingerprint = Fingerprint()
        try fingerprint.add("data", settings)
        try fingerprint.add("windows", study.settings.windows)
        if let audit = study.settings.audit { fingerprint.add("trained on", text: audit.trainedOn) }
        fingerprint.add("spare", text: "\(study.settings.spareDemonstrations)")
        fingerprint.add("seed", text: "\(study.settings.seed)")
        fingerprint.add("file", text: run.folder.configuration.dataHash)
        fingerprint.add("code", text: run.store.code(in: ["Demonstrations", "Study/Data"]))
        return fingerprint
    }

    func outputs(_ run: RunContext) throws -> [String] { ["split.csv"] }

    func run(_ run: RunContext) throws {
        let settings = study.settings
        let data = try study.data(run)
        // Before hours of training, not after them.
        if let file = settings.alt.encoder.pretrained { _ = try PretrainedTrunk(file) }
        if let generate = settings.data.generate, settings.data.filterKey == nil, settings.data.demonstrations == nil,
            data.set.episodes.count != generate.demonstrations
        {
            run.log.warning(
                """
                \(settings.data.path) holds \(data.set.episodes.count) demonstrations, data.generate says \
                \(generate.demonstrations); remove the file to make it again
                """)
        }
        try run.provenance.record(
            Provenance.Dataset(path: settings.data.path, sha256: data.sha256, demonstrations: data.set.episodes.count))
        var table = Table(columns: ["demonstration", "demonstration_position", "steps", "part", "windows"])
        for (part, demonstrations) in [
            ("train", data.split.train), ("reference", data.split.reference), ("query", data.split.query), ("spare_train", data.split.spareTrain),
            ("spare_reference", data.split.spareReference),
        ] {
            for demonstration in demonstrations {
                let episode = data.set.episodes[demonstration]
                table.append([
                    .text(episode.name), .integer(demonstration), .integer(episode.length), .text(part),
                    .integer(data.layout.windows(in: data.set, demonstrations: [demonstration]).count),
                ])
            }
        }
        try AtomicFile.write(table.csv, to: run.folder.path("split.csv"))
        run.log.info(
            """
            \(data.set.episodes.count) demonstrations, \(data.set.totalFrames) steps: \
            \(data.split.train.count) train (\(data.train.count) windows), \
            \(data.split.reference.count) reference, \(data.split.query.count) query
            """)
        if let shortage = try study.shortage(run) { run.log.warning("\(shortage)") }
        try checkBeforeTraining(data, run)
    }

    /// Refuses what no training is worth, and says which probes will have no answer.
    private func checkBeforeTraining(_ data: StudyData, _ run: RunContext) throws {
        let summary = data.summary(study.settings)
        try TrainableData(study: study, data: data, run: run).check(summary, StudyPart.all(study.settings))
        if summary.areObservationsConstant {
            run.log.warning("every training step has the same observation: no policy can tell one step from another")
        }
        for line in try AskedProbes(study, ProbeInputs(study, run), summary).lines("will not be") { run.log.warning("\(line)") }
    }
}
