import Basics
import Testing
import TestSupport

@testable import Study

/// Inputs of a policy with names of its own, and the keys of a file that they are.
@Suite struct FeatureKeysTests {
    private typealias Input = FeatureKeys.Input
    /// agentview_image and robot0_eye_in_hand_image 84 x 84; robot0_eef_pos [3], robot0_eef_quat [4], robot0_gripper_qpos [2], object [10].
    private func keys() throws -> FeatureKeys { try FeatureKeys(TinyStudy.dataset.get()) }
    private let top = Input(name: "observation.images.agentview", shape: [84, 84, 3]), state = Input(name: "observation.state", shape: [9])
    private let pose = ["robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos"]

    private func refusal(_ inputs: [Input], _ pairings: [String: [String]] = [:]) throws -> Failure {
        let keys = try keys()
        return try #require(throws: Failure.self) { try keys.observed(inputs, pairings: pairings) }
    }

    @Test func `a picture is found by the end of its name, and a state by what it is said to be`() throws {
        let observed = try keys().observed([top, state], pairings: ["observation.state": pose])
        #expect(observed.cameras == ["agentview_image"] && observed.lowDim == pose && observed.lowDimWidths == [3, 4, 2])
    }

    @Test func `the policy's order holds, whatever the file's`() throws {
        let wrist = Input(name: "observation.images.robot0_eye_in_hand", shape: [84, 84, 3])
        let observed = try keys().observed([wrist, top], pairings: [:])
        #expect(observed.cameras == ["robot0_eye_in_hand_image", "agentview_image"])
    }

    @Test func `what has no name of the file's is asked for, with what would fit`() throws {
        let camera = try refusal([Input(name: "observation.images.cam_high", shape: [84, 84, 3])])
        #expect(camera.expected?.contains("cam_high_image") == true && camera.remedy?.contains("observation.images.cam_high: agentview_image") == true)
        let unsaid = try refusal([state])
        #expect(unsaid.remedy?.contains("[robot0_eef_pos, robot0_eef_quat, robot0_gripper_qpos]") == true)
        #expect(try refusal([top], ["observation.image.agentview": ["agentview_image"]]).remedy == "did you mean observation.images.agentview?")
        #expect(try refusal([state], ["observation.state": ["robot0_eef_poss"]]).found?.contains("did you mean robot0_eef_pos?") == true)
    }

    @Test func `other sizes and widths are refused`() throws {
        #expect(try refusal([Input(name: "agentview", shape: [96, 96, 3])]).expected?.contains("[96, 96, 3]") == true)
        #expect(try refusal([state], ["observation.state": ["robot0_eef_pos"]]).expected == "9 values together")
        #expect(try refusal([top], [top.name: ["object"]]).what.contains("is not what the file has"))
    }
}
