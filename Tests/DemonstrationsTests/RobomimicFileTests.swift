import Basics
import Demonstrations
import TestSupport
import Testing

/// Variants that must load, value by value.
@Suite struct RobomimicFileTests {
    @Test(arguments: ["contiguous", "gzip_next_obs", "latest", "minimal"])
    func `images, actions and low-dim values come back exactly`(name: String) throws {
        let set = try VariantFile.load(name)
        #expect(
            set.cameras == [
                Camera(key: "agentview_image", height: 4, width: 5), Camera(key: "wrist_image", height: 3, width: 2),
            ])
        #expect(set.actionDimension == 3)
        #expect(set.episodes.count >= 2)
        for (position, episode) in set.episodes.enumerated() {
            #expect(episode.length == VariantFile.lengths[position])
            #expect(episode.actions == VariantFile.actions(position))
            #expect(episode.lowDim == VariantFile.lowDim(position))
            for step in 0..<episode.length {
                for (camera, size) in [(4, 5), (3, 2)].enumerated() {
                    let image = set.image(FrameReference(demonstration: position, frame: step), camera: camera)
                    let expected = VariantFile.frame(position, step, camera: camera, height: size.0, width: size.1)
                    #expect(Difference.first(image.pixels, expected) == nil && image.height == size.0)
                }
            }
        }
    }

    @Test(arguments: ["float16", "float32", "big_endian", "wrong_counts"])
    func `every float width is converted, and the length is the rows of actions`(name: String) throws {
        let set = try VariantFile.load(name)
        #expect(set.cameras.isEmpty)
        for (position, episode) in set.episodes.enumerated() {
            #expect(episode.length == VariantFile.lengths[position])
            #expect(episode.actions == VariantFile.actions(position))
            #expect(episode.lowDim == VariantFile.lowDim(position))
        }
    }

    @Test func `integers, booleans and rank-1 keys are converted`() throws {
        let set = try VariantFile.load("integers") { $0.lowDimKeys = ["byte", "word", "long", "contact"] }
        #expect(set.lowDimKeys.map(\.width) == [1, 2, 1, 1])
        #expect(Array(set.lowDim(FrameReference(demonstration: 1, frame: 3))) == [2, 6, 7, 1, 1])
        #expect(Array(set.lowDim(FrameReference(demonstration: 0, frame: 0))) == [-1, 0, 1, -2, 0])
    }

    @Test func `demonstrations are in natural order, whatever their names`() throws {
        #expect(try VariantFile.load("numbering").episodes.map(\.name) == ["demo_2", "demo_9", "demo_10", "demo_101"])
        #expect(try VariantFile.load("names").episodes.map(\.name) == ["a2", "a10", "b", "take-1"])
        #expect(try VariantFile.load("numbering") { $0.limit = 3 }.episodes.map(\.name) == ["demo_2", "demo_9", "demo_10"])
    }

    @Test(arguments: [
        "fixed_ascii", "longer_fixed", "variable_bytes", "variable_utf8", "fixed_utf8", "space_padded",
    ])
    func `a mask is read in every string type`(mask: String) throws {
        let set = try VariantFile.load("strings") { $0.filterKey = mask }
        #expect(set.episodes.map(\.name) == ["demo_0", "demo_2"])
        #expect(set.episodes[1].actions == VariantFile.actions(2))
    }

    @Test func `the environment is text of either string type, or absent`() throws {
        for name in ["strings", "contiguous"] {
            #expect(try #require(VariantFile.load(name).environment).contains("\"env_name\": \"Lift\""))
        }
        #expect(try VariantFile.load("minimal").environment == nil)
    }

    @Test func `a mask that names absent demonstrations gives those that exist`() throws {
        #expect(try VariantFile.load("masks") { $0.filterKey = "some_absent" }.episodes.map(\.name) == ["demo_1"])
    }

    @Test func `nested groups are ignored by default and addressed by path`() throws {
        let plain = try VariantFile.load("nested")
        #expect(plain.cameras.isEmpty)
        #expect(plain.lowDimKeys == [LowDimKey(key: "eef_pos", width: 3)])
        let nested = try VariantFile.load("nested") {
            $0.cameras = ["policy/camera"]
            $0.lowDimKeys = ["policy/joints"]
        }
        #expect(nested.lowDimKeys == [LowDimKey(key: "policy/joints", width: 2)])
        let pixels = nested.image(FrameReference(demonstration: 1, frame: 6), camera: 0).pixels
        #expect(Difference.first(pixels, VariantFile.frame(1, 6, camera: 0, height: 4, width: 5)) == nil)
    }

    @Test func `soft links inside the file are followed, dangling ones are no demonstrations`() throws {
        let set = try VariantFile.load("soft_link")
        #expect(set.episodes.map(\.name) == ["demo_0", "demo_1", "demo_2"])
        #expect(set.episodes[2].actions == VariantFile.actions(1))
    }

    @Test func `cameras and low-dim keys are chosen by name, in the given order`() throws {
        let set = try VariantFile.load("contiguous") {
            $0.cameras = ["wrist_image"]
            $0.lowDimKeys = ["robot0_gripper_qpos", "robot0_eef_pos"]
        }
        #expect(set.lowDimDimension == 5)
        #expect(Array(set.lowDim(FrameReference(demonstration: 1, frame: 2))) == [3.5, 3.625, 1.5, 1.625, 1.75])
        #expect(
            set.image(FrameReference(demonstration: 2, frame: 3), camera: 0).pixels
                == VariantFile.frame(2, 3, camera: 1, height: 3, width: 2))
        #expect(try VariantFile.load("contiguous") { $0.cameras = [] }.cameras.isEmpty)
    }

    @Test func `progress counts demonstrations`() throws {
        var calls: [[Int]] = []
        _ = try RobomimicFile.load(DatasetSelection(path: VariantFile.path("contiguous"))) { calls.append([$0, $1]) }
        #expect(calls == [[1, 3], [2, 3], [3, 3]])
    }
}
