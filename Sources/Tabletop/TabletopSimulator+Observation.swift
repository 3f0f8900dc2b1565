/// Observations under robosuite's and robomimic's keys.
extension TabletopSimulator {
    /// Low-dimensional keys in the order of `observation()`.
    public static let observationKeys = ["robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos", "object"]

    /// By key: `robot0_eef_pos` (3, the grip site in metres), `robot0_eef_quat` (4, xyzw), `robot0_gripper_qpos` (2,
    /// mirrored), `object` (10 per cube: position 3, orientation 4, cube minus grip site 3).
    public func observation() -> [String: [Double]] {
        [
            "robot0_eef_pos": state.position.array,
            "robot0_eef_quat": state.orientation.components,
            "robot0_gripper_qpos": [state.fingerPosition, -state.fingerPosition],
            "object": state.cubes.flatMap {
                $0.position.array + $0.orientation.components + ($0.position - state.position).array
            },
        ]
    }
}
