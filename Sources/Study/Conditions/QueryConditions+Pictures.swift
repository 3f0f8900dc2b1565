import Basics
import Demonstrations
import Images

/// Pictures that are no frames of this task, in place of the cameras' at all steps; pose and the rest stay a held-out
/// frame's. They stand still: what the policy saw earlier is the same picture.
extension QueryConditions {
    /// Pictures drawn by code, photographs and the user's own.
    /// - Throws: `Failure` when a folder of pictures cannot be read.
    func foreignPictures() throws -> [QueryCondition] {
        let (width, height) = (data.set.cameras[0].width, data.set.cameras[0].height)
        let drawn = OutOfDistributionImages.Kind.allCases.map { kind in
            replaced(
                kind.rawValue,
                OutOfDistributionImages.make(
                    kind: kind, count: settings.probes.imagesPerClass, width: width, height: height,
                    seed: settings.root / "pictures"))
        }
        return try drawn + photographs().map { replaced($0.name, $0.pictures) }
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

    private func replaced(_ name: String, _ pictures: [RGBImage]) -> QueryCondition {
        replaced(name, cameras: pictures.map { picture in
            data.set.cameras.map { picture.contained(width: $0.width, height: $0.height) }
        })
    }

    /// - Parameter cameras: The pictures of every observation. [observation][camera]
    func replaced(_ name: String, cameras pictures: [[RGBImage]]) -> QueryCondition {
        standing(name, of: poses(pictures.count)) { index, observation in
            observation.images.map { _ in pictures[index] }
        }
    }

    /// Held-out frames with their pixels shuffled: one permutation for all steps.
    func pixelShuffled() -> QueryCondition {
        let seed = settings.root / "pictures" / "pixel_shuffled"
        let frames = poses(settings.probes.imagesPerClass)
        let (set, steps) = (data.set, data.layout.observationSteps)
        return standing("pixel_shuffled", of: frames) { index, _ in
            set.observation(frames[index], steps: steps).images.map { cameras in
                cameras.enumerated().map { OutOfDistributionImages.pixelShuffled($1, seed: seed / index / $0) }
            }
        }
    }

    private func standing(
        _ name: String, of frames: [FrameReference],
        _ images: @escaping @Sendable (_ index: Int, _ observation: Observation) -> [[RGBImage]]
    ) -> QueryCondition {
        let (set, steps) = (data.set, data.layout.observationSteps)
        return QueryCondition(
            name, frames: frames, cluster: Array(frames.indices), unit: "picture", steps: data.layout.executedSteps
        ) { index, frame in
            var observation = set.observation(frame, steps: steps)
            observation.images = images(index, observation)
            return observation
        }
    }
}
