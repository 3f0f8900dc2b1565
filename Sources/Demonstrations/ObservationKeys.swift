/// The names directly under one demonstration's `obs`. What lies in nested groups is addressed by path.
struct ObservationKeys {
    private let observations: HDF5Group
    /// In natural order.
    let all: [String]

    init(of observations: HDF5Group) throws {
        self.observations = observations
        all = try observations.names().sorted(by: NaturalOrder.precedes)
    }

    /// Every `<camera>_image`.
    var cameras: [String] { all.filter { $0.hasSuffix("_image") } }

    /// What a message offers to someone who named a key that is not there.
    var suggestedCameras: [String] { cameras.isEmpty ? all : cameras }
    var suggestedLowDim: [String] { all.filter { !$0.hasSuffix("_image") } }

    /// Position, quaternion and fingers of every arm, arms in order; every key of rows of numbers where no arm
    /// has them.
    func defaultLowDim() throws -> [String] {
        let parts = ["eef_pos", "eef_quat", "gripper_qpos"]
        let arms = Set(
            all.compactMap { key in
                parts.first { key.hasSuffix("_" + $0) }.map { String(key.dropLast($0.count + 1)) }
            }
        ).filter { $0.hasPrefix("robot") && $0.dropFirst(5).allSatisfy(\.isNumber) }
        let keys = arms.sorted(by: NaturalOrder.precedes).flatMap { arm in parts.map { "\(arm)_\($0)" } }
            .filter(all.contains)
        return keys.isEmpty ? try suggestedLowDim.filter { try observations.dataset($0)?.isLowDim == true } : keys
    }
}
