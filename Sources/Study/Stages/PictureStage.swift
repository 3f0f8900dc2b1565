import Basics

/// Reads every picture a study will ask about, so that a broken one is found before the training and not after it.
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
        return fingerprint
    }

    func run(_ context: StudyContext) throws {
        let data = try cache.data(context)
        guard !data.set.cameras.isEmpty else {
            context.log.info("no cameras: no pictures are asked about")
            return
        }
        let pictures = try QueryConditions(data: data, settings: context.settings).photographs()
        guard !pictures.isEmpty else { return }
        let counts = pictures.map { "\($0.count) in \($0.name)" }.joined(separator: ", ")
        context.log.info("pictures: \(counts)")
    }
}
