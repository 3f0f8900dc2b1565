import Basics

/// Reads every picture and file of other frames a study will ask about, so that a broken one is found before the training
/// and not after it.
struct PictureStage: Stage {
    let name = "pictures"
    let cache: StudyDataCache

    func fingerprint(_ context: StudyContext) throws -> Fingerprint {
        var fingerprint = Fingerprint()
        try fingerprint.add(stage: "data", of: context)
        for (name, path) in try Photographs.classes(context.settings.probes) {
            for file in try FileSystem.list(path) where !FileSystem.isFolder("\(path)/\(file)") {
                try fingerprint.add("\(name)/\(file)", text: FileHash.sha256("\(path)/\(file)"))
            }
        }
        for (key, path) in context.settings.probes.frameFiles {
            try fingerprint.add(key, text: FileHash.sha256(path))
        }
        return fingerprint
    }

    func run(_ context: StudyContext) throws {
        let data = try cache.data(context)
        guard !data.set.cameras.isEmpty else {
            context.log.info("no cameras: no pictures are asked about")
            return
        }
        let conditions = QueryConditions(data: data, settings: context.settings)
        let pictures = try conditions.photographs()
        if !pictures.isEmpty {
            let counts = pictures.map { "\($0.count) in \($0.name)" }.joined(separator: ", ")
            context.log.info("pictures: \(counts)")
        }
        _ = try conditions.otherTask()
        if let held = try conditions.heldOutPairs() {
            context.log.info(
                """
                \(held.count) distractor pairs; left out: \(held.trained) of training demonstrations, \
                \(held.absent) of demonstrations that are not loaded
                """)
        }
    }
}
