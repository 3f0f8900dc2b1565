import Basics
import Demonstrations

/// Makes the demonstrations where they are to be made, reads them once to see that the study can use them, and states
/// their hash in the provenance.
public struct DataStage: Stage {
    public let name = "data"

    public init() {}

    public func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        fingerprint.add("data", context.settings.data)
        fingerprint.add("image", context.settings.image)
        try fingerprint.add(file: context.settings.data.path)
        return fingerprint
    }

    public func run(_ context: StudyContext) throws {
        let data = context.settings.data
        if !FileSystem.exists(data.path), let generate = data.generate {
            let rejected = try DatasetGeneration.write(
                generate, to: data.path, workers: context.settings.workers, progress: context.progress)
            context.log.info("made \(data.path): \(generate.demonstrations) demonstrations, \(rejected) attempts drawn again")
        }
        var meter: ProgressMeter?
        let set = try RobomimicFile.load(data.selection) { done, total in
            let started = meter ?? context.progress.start("reading \(data.path)", total: total)
            started.update(done)
            meter = started
        }
        meter?.finish()
        let isWhole = data.filterKey == nil && data.demonstrations == nil
        if let generate = data.generate, isWhole, set.episodes.count != generate.demonstrations {
            context.log.warning(
                """
                \(data.path) holds \(set.episodes.count) demonstrations, data.generate says \(generate.demonstrations); \
                remove the file to make it again
                """)
        }
        let split = try DatasetSplit.make(
            count: set.episodes.count, train: data.split.train, reference: data.split.reference, seed: context.settings.splitSeed)
        for camera in set.cameras where min(camera.height, camera.width) < context.settings.image.crop {
            throw Failure(
                .data, "the crop is larger than a camera's image", at: "image.crop",
                expected: "at most \(min(camera.height, camera.width)) for \(camera.key) of \(camera.height) x \(camera.width)",
                found: "\(context.settings.image.crop)")
        }
        try context.provenance.record(
            Provenance.Dataset(path: data.path, sha256: try FileHash.sha256(data.path), demonstrations: set.episodes.count))
        context.log.info(
            """
            \(set.episodes.count) demonstrations, \(set.totalFrames) frames: \(split.train.count) train, \
            \(split.reference.count) reference, \(split.query.count) query
            """)
    }
}

extension DataSettings {
    /// What `RobomimicFile.load` is asked for.
    public var selection: DatasetSelection {
        DatasetSelection(path: path, cameras: cameras, lowDimKeys: lowDim, filterKey: filterKey, limit: demonstrations)
    }
}

extension Settings {
    /// Root of every random substream of the study.
    public var rootSeed: Seed { Seed(UInt64(seed)) }
    /// Decides which demonstrations are train, reference and query.
    public var splitSeed: Seed { rootSeed / "split" }
}
