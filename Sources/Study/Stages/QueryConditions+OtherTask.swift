import Basics
import Demonstrations
import Images
import Tabletop

/// Frames of another task seen by the same cameras, as `other_task`: pictures that stand still, with the pose of a
/// held-out frame as under every foreign picture.
extension QueryConditions {
    /// Frames of `probes.other_task`; without it, for data of the embedded simulator, its arm at random places above a
    /// table with other things on it and no cube. Nil for other data without a file.
    /// - Throws: `Failure` when the file cannot be read, lacks a camera or a low-dim key of the study, or has them of
    ///   another width.
    func otherTask() throws -> QueryCondition? {
        if let path = settings.probes.otherTask { return replaced("other_task", cameras: try frames(ofOther: path)) }
        guard let scenes = try RecordedScenes(data.set, demonstrations: []) else { return nil }
        let pictures = (0..<settings.probes.imagesPerClass).map { index in
            let seed = settings.root / "other_task" / index
            let appearance = SceneAppearance.varied(.distractors, seed: seed)
            return scenes.images([Self.emptyHand(seed)], appearance)[0]
        }
        return replaced("other_task", cameras: pictures)
    }

    /// The arm alone, at a place where it can be while it works.
    private static func emptyHand(_ seed: Seed) -> TabletopState {
        var source = RandomSource(seed / "hand")
        return TabletopState(
            position: Vector(source.uniform(-0.15, 0.12), source.uniform(-0.2, 0.2), source.uniform(0.9, 1.1)),
            orientation: Quaternion(yaw: source.uniform(-0.8, 0.8)) * TabletopState.handDown,
            fingerPosition: source.uniform(0, TabletopGeometry.fingerTravel), cubes: [])
    }

    /// Spread over the first demonstrations of the file and over their length. [frame][camera]
    private func frames(ofOther path: String) throws -> [[RGBImage]] {
        let count = settings.probes.imagesPerClass
        let other = try RobomimicFile.load(
            DatasetSelection(
                path: path, cameras: data.set.cameras.map(\.key), lowDimKeys: data.set.lowDimKeys.map(\.key), limit: count),
            workers: settings.workers)
        try checkWidths(of: other)
        return (0..<count).map { index in
            let demonstration = index % other.episodes.count
            let place = (2 * index + 1) * other.episodes[demonstration].length / (2 * count)
            let frame = FrameReference(demonstration: demonstration, frame: place)
            return data.set.cameras.enumerated().map {
                other.image(frame, camera: $0).fitted(width: $1.width, height: $1.height)
            }
        }
    }

    /// - Throws: `Failure` when the low-dim values of another file are not the study's.
    func checkWidths(of other: DemonstrationSet) throws {
        guard other.lowDimDimension != data.set.lowDimDimension else { return }
        throw Failure(
            .data, "a file of other frames has low-dim values of another width", at: other.path,
            expected: "\(data.set.lowDimDimension) values a step, as \(data.set.path)", found: "\(other.lowDimDimension)",
            remedy: "use a file of the same robot, or narrow data.low_dim to keys both have")
    }
}
