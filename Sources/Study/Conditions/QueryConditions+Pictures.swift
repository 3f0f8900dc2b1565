import Basics
import Demonstrations
import Images
import Probes
import Tabletop

/// Pictures that are no frames of this task, in place of the cameras' at all steps; pose and the rest stay a held-out
/// frame's. They stand still: what the policy saw earlier is the same picture.
extension QueryConditions {
    /// Pictures drawn by code, photographs and the user's own.
    func foreignPictures() -> [QueryCondition] {
        let (width, height) = (data.set.cameras[0].width, data.set.cameras[0].height)
        let (count, seed) = (settings.probes.imagesPerClass, settings.root / "pictures")
        let drawn = OutOfDistributionImages.Kind.allCases.map { kind in
            replaced(Condition(kind), Rung(kind), count: count) {
                OutOfDistributionImages.make(kind: kind, count: count, width: width, height: height, seed: seed)
            }
        }
        return drawn
            + files.photographs.map { folder in
                replaced(folder.condition, .pictures, count: folder.pictures.count, cameras: { folder.pictures })
            }
    }

    private func replaced(
        _ condition: Condition, _ rung: Rung, count: Int, pictures: @escaping @Sendable () -> [RGBImage]
    ) -> QueryCondition {
        let cameras = data.set.cameras
        return replaced(
            condition, rung, count: count,
            cameras: {
                pictures().map { picture in cameras.map { picture.contained(width: $0.width, height: $0.height) } }
            })
    }

    /// - Parameter pictures: Those of every observation, made at first use. [observation][camera]
    private func replaced(
        _ condition: Condition, _ rung: Rung, count: Int, cameras pictures: @escaping @Sendable () -> [[RGBImage]]
    ) -> QueryCondition {
        let pictures = Once(pictures)
        return standing(condition, rung, of: poses(count)) { index, observation in
            observation.images.map { _ in pictures.value[index] }
        }
    }

    /// Frames of `probes.other_task`; without it, for data of the embedded simulator, its arm at random places above a
    /// table with other things on it and no cube. Nil for other data without a file.
    /// - Throws: `Failure` for a recorded state that is not the simulator's.
    func otherTask() throws -> QueryCondition? {
        if let frames = files.otherTask {
            return replaced(Condition("other_task"), .otherTask, count: frames.count, cameras: { frames })
        }
        guard let scenes = try RecordedScenes(data.set, demonstrations: []) else { return nil }
        let (count, root) = (settings.probes.imagesPerClass, settings.root / "other_task")
        return replaced(
            Condition("other_task"), .otherTask, count: count,
            cameras: {
                (0..<count).map { index in
                    scenes.images([Self.emptyHand(root / index)], .varied(.distractors, seed: root / index), [])[0]
                }
            })
    }

    /// The arm alone, at a place where it can be while it works.
    private static func emptyHand(_ seed: Seed) -> TabletopState {
        var source = RandomSource(seed / "hand")
        return TabletopState(
            position: Vector(source.uniform(-0.15, 0.12), source.uniform(-0.2, 0.2), source.uniform(0.9, 1.1)),
            orientation: Quaternion(yaw: source.uniform(-0.8, 0.8)) * TabletopState.handDown,
            fingerPosition: source.uniform(0, TabletopGeometry.fingerTravel), cubes: [])
    }

    /// Held-out frames with their pixels shuffled: one permutation for all steps.
    func pixelShuffled() -> QueryCondition {
        let seed = settings.root / "pictures" / "pixel_shuffled"
        let frames = poses(settings.probes.imagesPerClass)
        let (set, steps) = (data.set, data.layout.observationSteps)
        return standing(Condition("pixel_shuffled"), .shuffledPixels, of: frames) { index, _ in
            set.observation(frames[index], steps: steps).images.map { cameras in
                cameras.enumerated().map { OutOfDistributionImages.pixelShuffled($1, seed: seed / index / $0) }
            }
        }
    }

    private func standing(
        _ condition: Condition, _ rung: Rung, of frames: [FrameReference],
        _ images: @escaping @Sendable (_ index: Int, _ observation: Observation) -> [[RGBImage]]
    ) -> QueryCondition {
        let (set, steps) = (data.set, data.layout.observationSteps)
        return QueryCondition(
            condition, rung, frames: frames, cluster: Array(frames.indices), unit: "picture", steps: data.layout.executedSteps
        ) { index, frame in
            var observation = set.observation(frame, steps: steps)
            observation.images = images(index, observation)
            return observation
        }
    }
}
