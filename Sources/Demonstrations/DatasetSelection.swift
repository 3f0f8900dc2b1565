/// Which part of a robomimic file to load.
public struct DatasetSelection: Sendable {
    public var path: String
    /// Observation keys of the cameras. Nil: every key ending in `_image`. Empty: low-dim only.
    public var cameras: [String]?
    /// Low-dim observation keys, possibly paths into nested groups (`policy/eef_pos`). Nil: for every arm
    /// `robot<n>_eef_pos`, `_eef_quat` and `_gripper_qpos` where present; every low-dim key where there is none.
    public var lowDimKeys: [String]?
    /// Name of a mask; only the demonstrations it lists are loaded.
    public var filterKey: String?
    /// Only the first so many demonstrations, in natural order (`demo_10` after `demo_9`), after the filter.
    public var limit: Int?

    public init(
        path: String, cameras: [String]? = nil, lowDimKeys: [String]? = nil, filterKey: String? = nil,
        limit: Int? = nil
    ) {
        self.path = path
        self.cameras = cameras
        self.lowDimKeys = lowDimKeys
        self.filterKey = filterKey
        self.limit = limit
    }
}
