/// The observation keys directly under one demonstration's `obs`, sorted by what they hold. Nested groups are
/// left out; their contents are addressed by path.
struct ObservationKeys {
    /// Keys of rank 4 with three channels, or named like a camera.
    let cameras: [String]
    /// Keys of numbers of rank 1 or 2.
    let lowDim: [String]

    init(of observations: HDF5Group) throws {
        var cameras: [String] = [], lowDim: [String] = []
        for key in try observations.names().sorted(by: NaturalOrder.precedes) {
            guard let dataset = try observations.dataset(key) else { continue }
            if key.hasSuffix("_image") || (dataset.shape.count == 4 && dataset.shape[3] == 3) {
                cameras.append(key)
            } else if dataset.isLowDim {
                lowDim.append(key)
            }
        }
        self.cameras = cameras
        self.lowDim = lowDim
    }

    /// Every `<camera>_image`.
    var defaultCameras: [String] { cameras.filter { $0.hasSuffix("_image") } }

    /// Position, quaternion and fingers of every arm, arms in order; every key where no arm has them.
    var defaultLowDim: [String] {
        let parts = ["eef_pos", "eef_quat", "gripper_qpos"]
        let arms = Set(
            lowDim.compactMap { key in
                parts.first { key.hasSuffix("_" + $0) }.map { String(key.dropLast($0.count + 1)) }
            }
        ).filter { $0.hasPrefix("robot") && $0.dropFirst(5).allSatisfy(\.isNumber) }
        let keys = arms.sorted(by: NaturalOrder.precedes).flatMap { arm in parts.map { "\(arm)_\($0)" } }
            .filter(lowDim.contains)
        return keys.isEmpty ? lowDim : keys
    }
}
