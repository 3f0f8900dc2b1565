import Basics
import Runs
import Store

/// Reads every picture and file of other frames a study will ask about, so that a broken one is found before the training
/// and not after it.
struct PictureStage: Stage {
    let name = StageName.pictures
    let study: Study

    func fingerprint(_ run: RunContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: StageName.data, of: run)
        for (name, path) in try PictureFiles.folders(study.settings.probes) {
            for file in try FileSystem.list(path) where !FileSystem.isFolder("\(path)/\(file)") {
                fingerprint.add("\(name)/\(file)", text: try FileHash.sha256("\(path)/\(file)"))
            }
        }
        for (key, path) in study.settings.probes.frameFiles {
            fingerprint.add(key, text: try FileHash.sha256(path))
        }
        return fingerprint
    }

    func run(_ run: RunContext) throws {
        let data = try study.data(run)
        guard !data.set.cameras.isEmpty else {
            run.log.info("no cameras: no pictures are asked about")
            return
        }
        let files = try study.pictures(run)
        if !files.photographs.isEmpty {
            let counts = files.photographs.map { "\($0.count) in \($0.condition)" }.joined(separator: ", ")
            run.log.info("pictures: \(counts)")
        }
        if let held = files.pairs {
            run.log.info(
                """
                \(held.count) distractor pairs; left out: \(held.trained) of training demonstrations, \
                \(held.absent) of demonstrations that are not loaded
                """)
        }
    }
}
