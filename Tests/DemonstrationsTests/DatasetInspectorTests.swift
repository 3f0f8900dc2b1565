import Demonstrations
import Foundation
import Testing

@Suite struct DatasetInspectorTests {
    @Test func `a description states shapes, types, filters, masks and ranges`() throws {
        let description = try DatasetInspector.inspect(path: VariantFile.path("contiguous"))
        #expect(description.demonstrations == 3 && description.steps == 16)
        #expect(description.shortest == 4 && description.longest == 7)
        #expect(description.environmentName == "Lift")
        let paths = [
            "actions", "dones", "obs/agentview_image", "obs/robot0_eef_pos", "obs/robot0_eef_quat",
            "obs/robot0_gripper_qpos", "obs/wrist_image", "rewards", "states",
        ]
        #expect(description.keys.map(\.path) == paths)
        #expect(description.keys[2].shape == [4, 5, 3] && description.keys[2].type == "uint8")
        #expect(description.keys[2].storedByteCount == 16 * 60)
        #expect(description.keys.allSatisfy { $0.compression == "none" && $0.demonstrations == 3 && $0.isUniform })
        #expect(description.masks.map(\.key) == ["train", "valid"] && description.masks.map(\.count) == [2, 1])
        #expect(description.actionRanges.map(\.minimum) == [0, -0.125, -0.25])
        #expect(description.actionRanges.map(\.maximum) == [0.4375, 0.3125, 0.1875])
    }

    @Test func `filters, nested keys and absent names are told`() throws {
        let float32 = try DatasetInspector.inspect(path: VariantFile.path("float32"))
        #expect(float32.keys.first { $0.path == "obs/robot0_eef_pos" }?.compression == "shuffle, gzip 4, fletcher32")
        let nested = try DatasetInspector.inspect(path: VariantFile.path("nested"))
        #expect(nested.keys.contains { $0.path == "obs/policy/camera" && $0.shape == [4, 5, 3] })
        #expect(nested.text.contains("states/articulation/root_pose"))
        let masks = try DatasetInspector.inspect(path: VariantFile.path("masks")).masks
        #expect(masks.first { $0.key == "all_absent" }?.absent == ["demo_7", "demo_8"])
        #expect(masks.first { $0.key == "numbers" }?.isText == false)
        let raw = try DatasetInspector.inspect(path: VariantFile.path("raw"))
        #expect(raw.keys.map(\.path) == ["actions", "states"])
        let uneven = try DatasetInspector.inspect(path: VariantFile.path("image_size"))
        #expect(uneven.keys.first { $0.path == "obs/wrist_image" }?.isUniform == false)
        let broken = try DatasetInspector.inspect(path: VariantFile.path("nan_actions"))
        #expect(broken.actionRanges.map(\.nonFinite) == [0, 0, 1])
    }

    @Test func `a description survives JSON`() throws {
        let description = try DatasetInspector.inspect(path: VariantFile.path("contiguous"))
        #expect(try JSONDecoder().decode(DatasetDescription.self, from: JSONEncoder().encode(description)) == description)
    }
}
