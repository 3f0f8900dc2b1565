import Basics
import Demonstrations
import Images

/// Observations of one kind that every policy is asked about.
struct QueryCondition: Sendable {
    let name: String
    let observations: [Observation]
    /// The frame each observation is or was altered from.
    let frames: [FrameReference]
    /// The independent unit of each observation, for the bootstrap.
    let cluster: [Int]
    let unit: String
    /// Whether the true action sequence of the frame is the right answer.
    let hasTruth: Bool
}

/// The conditions of a study, a pure function of settings and data.
struct QueryConditions {
    let data: StudyData
    let settings: Settings

    /// - Throws: `Failure` when a folder of pictures cannot be read.
    func all() throws -> [QueryCondition] {
        var conditions = [
            frames("train", of: data.split.train, windows: data.train),
            frames("heldout", of: data.split.query, windows: data.query),
        ]
        guard !data.set.cameras.isEmpty else { return conditions }
        conditions.append(shuffledImages())
        conditions += foreignPictures()
        conditions += try photographs().map { replaced($0.name, pictures: $0.pictures) }
        return conditions
    }

    /// Evenly spread frames of each demonstration that have a window.
    private func frames(_ name: String, of demonstrations: [Int], windows: [Window]) -> QueryCondition {
        let wanted = settings.probes.framesPerDemonstration
        let chosen = demonstrations.flatMap { demonstration -> [FrameReference] in
            let own = windows.filter { $0.demonstration == demonstration }
            let count = min(wanted, own.count)
            return (0..<count).map { data.layout.currentFrame(of: own[(2 * $0 + 1) * own.count / (2 * count)]) }
        }
        return QueryCondition(
            name: name, observations: chosen.map(observe), frames: chosen, cluster: chosen.map(\.demonstration),
            unit: "demonstration", hasTruth: true)
    }

    private func observe(_ frame: FrameReference) -> Observation {
        data.set.observation(frame, steps: data.layout.observationSteps)
    }

    /// Held-out poses under the images of another held-out demonstration at the same fraction of its length.
    private func shuffledImages() -> QueryCondition {
        let poses = poses(data.split.query.count)
        let observations = poses.enumerated().map { index, frame in
            let other = data.split.query[(index + 1) % data.split.query.count]
            let last = data.set.episodes[other].length - 1
            let place = frame.frame * last / max(1, data.set.episodes[frame.demonstration].length - 1)
            return Observation(
                images: observe(FrameReference(demonstration: other, frame: place)).images, lowDim: observe(frame).lowDim,
                source: frame)
        }
        return QueryCondition(
            name: "shuffled_image", observations: observations, frames: poses, cluster: poses.map(\.demonstration),
            unit: "demonstration", hasTruth: false)
    }

    /// Pictures drawn by code, and held-out frames with their pixels shuffled.
    private func foreignPictures() -> [QueryCondition] {
        let count = settings.probes.imagesPerClass, seed = settings.root / "pictures"
        let (width, height) = (data.set.cameras[0].width, data.set.cameras[0].height)
        var conditions = OutOfDistributionImages.Kind.allCases.map { kind in
            replaced(
                kind.rawValue,
                pictures: OutOfDistributionImages.make(kind: kind, count: count, width: width, height: height, seed: seed))
        }
        let poses = poses(count)
        let shuffled = poses.enumerated().map { index, frame in
            var observation = observe(frame)
            for step in observation.images.indices {
                for camera in observation.images[step].indices {
                    // One permutation for all steps: a picture that stands still, as the others do.
                    observation.images[step][camera] = OutOfDistributionImages.pixelShuffled(
                        observation.images[step][camera], seed: seed / "pixel_shuffled" / index / camera)
                }
            }
            return observation
        }
        conditions.append(
            QueryCondition(
                name: "pixel_shuffled", observations: shuffled, frames: poses, cluster: Array(0..<count), unit: "picture",
                hasTruth: false))
        return conditions
    }

    /// The photographs found below `probes.photographs`, one condition a subfolder, and the user's own folder; with
    /// each the number of pictures its folder holds.
    /// - Throws: `Failure` naming the folder or picture that cannot be read.
    func photographs() throws -> [(name: String, pictures: [RGBImage], count: Int)] {
        try Photographs.classes(settings.probes).map { name, path in
            let pictures = try ImageFolder.load(path)
            // Evenly spread over the folder's order, so that one series of similar pictures does not fill the class.
            let count = min(settings.probes.imagesPerClass, pictures.count)
            return (name, (0..<count).map { pictures[$0 * pictures.count / count].image }, pictures.count)
        }
    }

    /// Each picture in place of all cameras at all steps, with the pose of a held-out frame.
    private func replaced(_ name: String, pictures: [RGBImage]) -> QueryCondition {
        let poses = poses(pictures.count)
        let observations = zip(poses, pictures).map { frame, picture in
            let observation = observe(frame)
            let images = data.set.cameras.map { picture.contained(width: $0.width, height: $0.height) }
            return Observation(
                images: observation.images.map { _ in images }, lowDim: observation.lowDim, source: frame)
        }
        return QueryCondition(
            name: name, observations: observations, frames: poses, cluster: Array(pictures.indices), unit: "picture",
            hasTruth: false)
    }

    /// Held-out frames, one a demonstration as far as they go, at places spread over the episodes.
    private func poses(_ count: Int) -> [FrameReference] {
        var random = RandomSource(settings.root / "poses")
        return (0..<count).map { index in
            let demonstration = data.split.query[index % data.split.query.count]
            let own = data.query.filter { $0.demonstration == demonstration }
            let window = own.isEmpty ? data.query[random.index(below: data.query.count)] : own[random.index(below: own.count)]
            return data.layout.currentFrame(of: window)
        }
    }
}
