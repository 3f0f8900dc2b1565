/// How far an episode has come, for every task by the same rule.
extension TabletopTask {
    /// In [0, 1], and 1 exactly when the task is done: 0.3 for the hand's nearness to the object (35 cm count as far), 0.1 for
    /// holding it, and 0.6 for the object's way (`advance`). An object at its place counts as reached and held.
    ///
    /// Along an episode of the expert it falls below what it was by at most 0.08, since demonstrators approach beside the
    /// object and go round an obstacle; a grasp that misses or a lost object costs more. `ProgressMeter` is an episode's
    /// score.
    public func progress(_ state: TabletopState) -> Double {
        if isSuccess(state) { return 1 }
        let way = advance(state), isHeld = state.grasp?.cube == 0 || way >= 1
        let reach = isHeld ? 1 : max(1 - (state.cubes[0].position - state.position).length / 0.35, 0)
        return min(0.3 * reach + (isHeld ? 0.1 : 0) + 0.6 * way, 0.99)
    }
}

/// The score of an episode: the largest progress so far.
public struct ProgressMeter: Sendable {
    private let task: any TabletopTask
    /// In [0, 1]; 1 from the first success on.
    public private(set) var value = 0.0

    public init(_ task: any TabletopTask) { self.task = task }

    public mutating func add(_ state: TabletopState) { value = max(value, task.progress(state)) }
}
