import Basics
import Demonstrations
import Images
import Probes
import Tabletop

/// Held-out frames of which the picture alone is changed, all else being the same frame: one draw for each observation,
/// the same at all its steps.
///
/// `colour_shift` is a change of the picture for any data. Where the embedded simulator made the demonstrations, the other
/// rungs are rendered by it; elsewhere `light_shift` and `camera_shift` are changes of the picture of the same
/// strength (`ImageShift`), and the others need `probes.distractor_pairs`.
extension QueryConditions {
    private var shiftSeed: Seed { settings.root / "shifts" }

    /// - Throws: `Failure` for a recorded state that is not the simulator's.
    func shifts() throws -> [QueryCondition] {
        let frames = poses(settings.probes.imagesPerClass)
        let color = shifted(Condition("colour_shift"), .color, frames)
        guard let scenes = try RecordedScenes(data.set, demonstrations: asked.demonstrations) else {
            return [color, shifted(Condition("light_shift"), .light, frames), shifted(Condition("camera_shift"), .camera, frames)]
        }
        return [color] + SceneAppearance.Variation.allCases.map { rendered($0, scenes, frames) }
    }

    private func rendered(
        _ variation: SceneAppearance.Variation, _ scenes: RecordedScenes, _ frames: [FrameReference]
    ) -> QueryCondition {
        let condition: Condition =
            switch variation {
            case .cubeColor: Condition("cube_color")
            case .distractors: Condition("distractors")
            case .camera: Condition("camera_shift")
            case .tableTexture: Condition("table_texture")
            case .light: Condition("light_shift")
            }
        let appearances = frames.enumerated().map { index, frame in
            SceneAppearance.varied(
                variation, seed: shiftSeed / index,
                avoiding: scenes.state(of: frame).cubes.map { SIMD2($0.position.x, $0.position.y) },
                fixtures: scenes.fixtures)
        }
        let steps = data.layout.observationSteps
        return altered(condition, .altered, of: frames) { index, observation in
            var result = observation
            let frame = observation.source ?? frames[index]
            result.images = scenes.images(frame, steps: steps, appearances[index])
            return result
        }
    }

    private func shifted(_ condition: Condition, _ kind: ImageShift.Kind, _ frames: [FrameReference]) -> QueryCondition {
        let shifts = frames.indices.map { ImageShift.varied(kind, seed: shiftSeed / $0) }
        // A camera on the hand is not the one that somebody knocks against.
        let fixed = data.set.cameras.map { !$0.key.contains("eye_in_hand") }
        let isChanged = kind == .camera && fixed.contains(true) ? fixed : fixed.map { _ in true }
        return altered(condition, .altered, of: frames) { index, observation in
            var result = observation
            result.images = observation.images.map { cameras in
                zip(cameras, isChanged).map { $1 ? $0.shifted(shifts[index]) : $0 }
            }
            return result
        }
    }
}
