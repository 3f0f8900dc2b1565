import Basics
import Demonstrations

/// Makes the embedded demonstrations when they are missing, checks the file against the settings, and writes down
/// which demonstration is in which part.
struct DataStage: Stage {
    let name = "data"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add("data", context.settings.data)
        try fingerprint.add("windows", context.settings.windows)
        fingerprint.add("spare", text: "\(context.settings.spareDemonstrations)")
        fingerprint.add("seed", text: "\(context.settings.seed)")
        try fingerprint.add(file: context.settings.data.path)
        return fingerprint
    }

    func outputs(_ context: StudyContext) throws -> [String] { ["split.csv"] }

    func run(_ context: StudyContext) throws {
        let settings = context.settings
        if let generate = settings.data.generate, !FileSystem.exists(settings.data.path) {
            let rejected = try DatasetGeneration.write(
                generate, to: settings.data.path, workers: settings.workers, progress: context.progress)
            context.log.info(
                "made \(settings.data.path): \(generate.demonstrations) demonstrations, \(rejected) attempts drawn again")
        }
        let data = try cache.data(context)
        if let generate = settings.data.generate, settings.data.filterKey == nil, settings.data.demonstrations == nil,
            data.set.episodes.count != generate.demonstrations
        {
            context.log.warning(
                """
                \(settings.data.path) holds \(data.set.episodes.count) demonstrations, data.generate says \
                \(generate.demonstrations); remove the file to make it again
                """)
        }
        let hash = try FileHash.sha256(settings.data.path)
        try context.provenance.record(
            Provenance.Dataset(path: settings.data.path, sha256: hash, demonstrations: data.set.episodes.count))
        var table = Table(columns: ["demonstration", "name", "steps", "part", "windows"])
        for (part, demonstrations) in [
            ("train", data.split.train), ("reference", data.split.reference), ("query", data.split.query), ("spare_train", data.split.spareTrain),
            ("spare_reference", data.split.spareReference),
        ] {
            for demonstration in demonstrations {
                let episode = data.set.episodes[demonstration]
                table.append([
                    .integer(demonstration), .text(episode.name), .integer(episode.length), .text(part),
                    .integer(data.layout.windows(in: data.set, demonstrations: [demonstration]).count),
                ])
            }
        }
        try AtomicFile.write(table.csv, to: context.runFolder.path("split.csv"))
        context.log.info(
            """
            \(data.set.episodes.count) demonstrations, \(data.set.totalFrames) steps: \
            \(data.split.train.count) train (\(data.train.count) windows), \
            \(data.split.reference.count) reference, \(data.split.query.count) query
            """)
    }
}
