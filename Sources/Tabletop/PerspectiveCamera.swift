import Foundation

/// A pinhole camera. Image x grows to the right, y downwards; pixel (0, 0) covers [0, 1) x [0, 1).
public struct PerspectiveCamera: Sendable {
    public var position: Vector
    public var right: Vector
    public var up: Vector
    public var forward: Vector
    /// Vertical field of view, radians.
    public var fieldOfView: Double

    /// Looks from `position` towards `target`; `up` is the direction that appears vertical.
    public init(position: Vector, target: Vector, up: Vector, fieldOfView: Double) {
        self.position = position
        self.fieldOfView = fieldOfView
        forward = (target - position) / (target - position).length
        let side = forward.cross(up)
        right = side / side.length
        self.up = right.cross(forward)
    }

    /// Pixel coordinates of `point` in an image of `width` x `height`, and its depth along the view axis in metres;
    /// nil behind the camera.
    public func project(_ point: Vector, width: Int, height: Int) -> (x: Double, y: Double, depth: Double)? {
        let offset = point - position
        let depth = offset.dot(forward)
        guard depth > 0 else { return nil }
        let focal = Double(height) / 2 / tan(fieldOfView / 2)
        return (
            Double(width) / 2 + focal * offset.dot(right) / depth,
            Double(height) / 2 - focal * offset.dot(up) / depth, depth
        )
    }
}

/// The two cameras of a recorded episode, by robosuite's names.
public enum TabletopCamera: String, Sendable, CaseIterable {
    /// Fixed, in front of the arm, looking back at it.
    case agentview
    /// On the hand, looking along the approach direction.
    case eyeInHand = "robot0_eye_in_hand"

    /// Observation key in the recorded file.
    public var imageKey: String { rawValue + "_image" }

    /// Where the camera is for `state`; `appearance` shifts the fixed one.
    public func view(of state: TabletopState, appearance: SceneAppearance = .standard) -> PerspectiveCamera {
        switch self {
        case .agentview:
            let turn = Quaternion(rotation: appearance.cameraTurn)
            let position = Vector(0.47, 0, 1.3) + appearance.cameraShift
            let direction = turn.rotated(Vector(-0.05, 0, 0.895) - Vector(0.47, 0, 1.3))
            return PerspectiveCamera(
                position: position, target: position + direction, up: turn.rotated(Vector(0, 0, 1)),
                fieldOfView: 41 * .pi / 180)
        case .eyeInHand:
            let hand = state.orientation
            let origin = state.position - hand.rotated(Vector(0, 0, TabletopGeometry.gripSite))
            let position = origin + hand.rotated(Vector(0.07, 0, 0.01))
            // Leans 5° towards the fingers, so that the tips are in the picture.
            let direction = hand.rotated(Vector(-0.09, 0, 1))
            return PerspectiveCamera(
                position: position, target: position + direction, up: hand.rotated(Vector(1, 0, 0)),
                fieldOfView: 75 * .pi / 180)
        }
    }
}
