/// The memory of one plan's run: one slab, offsets by the plan. A plan may have many workspaces.
public final class Workspace: @unchecked Sendable {
    let plan: Plan
    let slab: FloatBuffer
    let profile: OperationProfile?

    /// - Parameters:
    ///   - poisoned: fill with NaN first, so that reading an unwritten value shows
    ///   - profile: where to add up the times of this workspace's runs
    public init(_ plan: Plan, poisoned: Bool = false, profile: OperationProfile? = nil) {
        self.plan = plan
        self.profile = profile
        slab = FloatBuffer(count: plan.slabCount, filledWith: poisoned ? .nan : 0)
    }

    public subscript(value: Value) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: slab.pointer + plan.offset(of: value), count: value.shape.count)
    }

    public func set(_ value: Value, _ numbers: [Float]) {
        precondition(numbers.count == value.shape.count, "\(numbers.count) numbers for \(value.shape)")
        _ = self[value].update(from: numbers)
    }

    public func array(_ value: Value) -> [Float] { Array(self[value]) }
}
