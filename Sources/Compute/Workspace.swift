/// The values of one run of a plan: one slab, offsets by the plan. A plan may have many workspaces.
final class Workspace: @unchecked Sendable {
    let plan: Plan
    let slab: FloatBuffer
    let profile: OperationProfile?

    /// - Parameters:
    ///   - poisoned: fill with NaN first, so that reading an unwritten value shows
    ///   - profile: where to add up the times of this workspace's runs
    init(_ plan: Plan, poisoned: Bool = false, profile: OperationProfile? = nil) {
        self.plan = plan
        self.profile = profile
        slab = FloatBuffer(count: plan.slabCount, filledWith: poisoned ? .nan : 0)
    }

    subscript(value: Value) -> FloatSlice {
        let offset = plan.offset(of: value)
        return slab[offset..<offset + value.shape.count]
    }
}
