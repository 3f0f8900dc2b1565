import Probes
import Rollouts

/// What happens in the scene while a policy acts.
enum RolloutScene: CaseIterable, Sendable {
    /// The task as it is.
    case plain
    /// The object is moved on the way.
    case moved

    var condition: Condition {
        switch self {
        case .plain: .closedLoop
        case .moved: .objectMoved
        }
    }

    func disturbance(_ settings: RolloutSettings) -> TabletopEnvironment.Disturbance? {
        switch self {
        case .plain: nil
        case .moved: .movesObject(atStep: settings.movedAt)
        }
    }
}
