import Basics
import Demonstrations
import TestSupport
import Testing

/// Real robosuite demonstrations; the expected numbers were read with h5py.
@Suite(.enabled(if: SharedData.beside("data/lift.hdf5") != nil, "needs ../shared/data")) struct SharedFilesTests {
    struct Expected: Sendable, CustomTestStringConvertible {
        var file: String
        var demonstrations: Int
        var steps: Int
        var name: String  // at position 3
        /// Sums of all pixels of agentview and of the wrist camera.
        var sums: [Int]
        /// Position in natural order and frame of the values below.
        var probe: FrameReference
        var action: [Float]
        var quaternion: [Float]
        var pixel: [UInt8]  // agentview, x 50, y 40
        var testDescription: String { file }
    }

    static let files: [Expected] = [
        Expected(
            file: "lift", demonstrations: 60, steps: 3519, name: "demo_3", sums: [15_994_950_262, 15_410_869_401],
            probe: FrameReference(demonstration: 9, frame: 31),
            action: [0.060627244, -0.11319638, -0.18703166, -0.015598315, 0.033314783, 0.008288472, -1],
            quaternion: [0.9273295, -0.37274984, 0.032637622, -0.00724021], pixel: [92, 92, 92]),
        Expected(
            file: "can_mini", demonstrations: 10, steps: 1563, name: "demo_5", sums: [4_425_077_108, 3_568_213_204],
            probe: FrameReference(demonstration: 9, frame: 77),
            action: [0.11489125, 1, 0.08549162, -0.04553213, -0.0027359736, 0.3968545, 1],
            quaternion: [0.99858767, 0.040806808, 0.018647844, -0.028456295], pixel: [28, 23, 20]),
        Expected(
            file: "lift_next_obs", demonstrations: 4, steps: 234, name: "demo_3", sums: [1_071_543_997, 1_031_128_492],
            probe: FrameReference(demonstration: 3, frame: 34),
            action: [-0.034018934, -0.07481335, -0.34584627, -0.0063206507, -0.019579006, 0.11551604, -1],
            quaternion: [0.7461628, 0.665251, -0.010983388, -0.02369726], pixel: [251, 249, 245]),
        Expected(
            file: "lift_distractors", demonstrations: 100, steps: 100, name: "demo_3", sums: [432_512_986, 412_659_740],
            probe: FrameReference(demonstration: 9, frame: 0),
            action: [0.43663457, 0.6506034, -0.6575832, -0.0016164789, 0.032477293, 0.5207654, -1],
            quaternion: [0.9936918, 0.11078651, 0.017379789, 0.00095683086], pixel: [251, 249, 245]),
    ]

    private func path(_ name: String) throws -> String { try #require(SharedData.beside("data/\(name).hdf5")) }

    @Test(arguments: files) func `counts, actions, poses and every pixel agree with h5py`(_ expected: Expected) throws {
        let set = try RobomimicFile.load(DatasetSelection(path: path(expected.file)))
        #expect(set.episodes.count == expected.demonstrations)
        #expect(set.totalFrames == expected.steps)
        #expect(set.episodes[3].name == expected.name)
        #expect(set.cameras.map(\.key) == ["agentview_image", "robot0_eye_in_hand_image"])
        #expect(set.lowDimKeys.map(\.key) == ["robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos"])
        let frame = expected.probe.frame
        #expect(Array(set.episodes[expected.probe.demonstration].actions[frame * 7..<frame * 7 + 7]) == expected.action)
        #expect(Array(set.lowDim(expected.probe).dropFirst(3).prefix(4)) == expected.quaternion)
        let (red, green, blue) = set.image(expected.probe, camera: 0)[50, 40]
        #expect([red, green, blue] == expected.pixel)
        for camera in 0..<2 {
            var sum = 0
            for (demonstration, episode) in set.episodes.enumerated() {
                for frame in 0..<episode.length {
                    set.withPixels(FrameReference(demonstration: demonstration, frame: frame), camera: camera) { pixels in
                        for pixel in pixels { sum += Int(pixel) }
                    }
                }
            }
            #expect(sum == expected.sums[camera])
        }
    }

    @Test func `filter keys choose demonstrations`() throws {
        let selection = try DatasetSelection(path: path("lift"), cameras: [], filterKey: "valid")
        #expect(
            try RobomimicFile.load(selection).episodes.map(\.name)
                == [21, 23, 33, 39, 42, 48, 51].map { "demo_\($0)" })
    }

    @Test func `inspection counts steps, keys and masks`() throws {
        let description = try DatasetInspector.inspect(path: path("lift"))
        #expect(description.demonstrations == 60 && description.steps == 3519)
        #expect(description.environmentName == "Lift" && description.environmentVersion == "1.5.2")
        let camera = try #require(description.keys.first { $0.path == "obs/agentview_image" })
        #expect(camera.shape == [84, 84, 3] && camera.type == "uint8" && camera.compression == "gzip 4")
        #expect(camera.demonstrations == 60 && camera.isUniform)
        #expect(description.keys.first { $0.path == "obs/robot0_eef_quat_site" }?.type == "float32")
        #expect(description.masks.first { $0.key == "50_percent" }?.count == 31)
        #expect(description.actionRanges.count == 7)
        #expect(abs((description.actionRanges[0].minimum ?? 0) + 0.52458189) < 1e-7)
        #expect(description.text.contains("3519 steps"))
    }

    @Test(arguments: ["can_mini", "lift_next_obs", "lift_distractors"])
    func `real files have no errors`(name: String) throws {
        let report = try DatasetValidator.validate(path: path(name))
        #expect(report.isValid, "\(report.text)")
        #expect(report.findings.contains { $0.message.contains("numbering has gaps") } == (name == "can_mini"))
        #expect(report.findings.contains { $0.message.contains("share their actions") } == (name == "lift_distractors"))
    }
}
