import Basics
import Demonstrations
import Images
import TestSupport
import Testing

/// Real files; the expected numbers were read with h5py.
@Suite struct RobomimicFileTests {
    static let hasData = SharedData.beside("data/lift.hdf5") != nil

    private func load(_ name: String, _ change: (inout DatasetSelection) -> Void = { _ in }) throws -> DemonstrationSet {
        var selection = DatasetSelection(path: try #require(SharedData.beside("data/\(name).hdf5")))
        change(&selection)
        return try RobomimicFile.load(selection)
    }

    @Test(.enabled(if: hasData, "needs ../shared/data")) func `the can file has ten demonstrations with gaps`() throws {
        let set = try load("can_mini")
        #expect(set.episodes.map(\.name) == [1, 2, 3, 5, 6, 8, 9, 10, 11, 12].map { "demo_\($0)" })
        #expect(set.totalFrames == 1563)
        #expect(set.cameras == ["agentview_image", "robot0_eye_in_hand_image"].map { Camera(key: $0, height: 84, width: 84) })
        #expect(set.lowDimKeys.map(\.key) == ["robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos"])
        #expect(set.lowDimDimension == 9)
        #expect(set.actionDimension == 7)
    }
}
