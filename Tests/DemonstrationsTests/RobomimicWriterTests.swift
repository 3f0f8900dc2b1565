import Basics
import Demonstrations
import Foundation
import TestSupport
import Testing

@Suite struct RobomimicWriterTests {
    static let environment = #"{"env_name": "Würfel", "env_version": "1", "type": 1, "env_kwargs": {}}"#

    private func write(
        _ folder: String, _ name: String = "file.hdf5", environment: String = environment, compress: Bool = true
    ) throws -> String {
        let path = "\(folder)/\(name)"
        try RobomimicWriter.write(
            (0..<3).map { VariantFile.recorded($0) }, environment: environment, masks: ["train": [2, 0], "none": []],
            compress: compress, to: path)
        return path
    }

    @Test(arguments: [true, false]) func `what is written is read back exactly`(compress: Bool) throws {
        let folder = try SharedData.temporaryFolder()
        defer { unlinkAll(folder) }
        let set = try RobomimicFile.load(DatasetSelection(path: write(folder, compress: compress)))
        #expect(set.environment == Self.environment)
        #expect(set.cameras.map(\.key) == ["agentview_image", "wrist_image"])
        for (position, episode) in set.episodes.enumerated() {
            #expect(episode.name == "demo_\(position)")
            #expect(episode.actions == VariantFile.actions(position))
            #expect(episode.lowDim == VariantFile.lowDim(position))
            for frame in 0..<episode.length {
                let reference = FrameReference(demonstration: position, frame: frame)
                #expect(
                    set.image(reference, camera: 0).pixels == VariantFile.frame(position, frame, camera: 0, height: 4, width: 5))
                #expect(
                    set.image(reference, camera: 1).pixels == VariantFile.frame(position, frame, camera: 1, height: 3, width: 2))
            }
        }
        let description = try DatasetInspector.inspect(path: set.path)
        #expect(description.keys.first { $0.path == "obs/agentview_image" }?.compression == (compress ? "gzip 4" : "none"))
        #expect(description.keys.first { $0.path == "actions" }?.compression == "none")
        #expect(description.keys.first { $0.path == "dones" }?.type == "int64")
        #expect(description.masks.map(\.key) == ["none", "train"])
        #expect(description.masks.map(\.count) == [0, 2])
        let filtered = DatasetSelection(path: set.path, filterKey: "train")
        #expect(try RobomimicFile.load(filtered).episodes.map(\.name) == ["demo_0", "demo_2"])
    }

    @Test func `equal episodes give equal bytes, also a second later`() throws {
        let folder = try SharedData.temporaryFolder()
        defer { unlinkAll(folder) }
        let first = try Data(contentsOf: URL(fileURLWithPath: write(folder, "first.hdf5")))
        // HDF5's modification times, were they written, count seconds.
        Thread.sleep(forTimeInterval: 1.1)
        let second = try Data(contentsOf: URL(fileURLWithPath: write(folder, "second.hdf5")))
        #expect(first == second)
    }

    @Test func `nothing is left behind when the folder is missing or the description is no JSON`() throws {
        let folder = try SharedData.temporaryFolder()
        defer { unlinkAll(folder) }
        let missing = #expect(throws: Failure.self) { try write(folder + "/absent") }
        #expect(missing?.kind == .cannotCreate)
        let description = #expect(throws: Failure.self) { try write(folder, environment: "Lift") }
        #expect(description?.kind == .data)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func `an existing file is replaced whole`() throws {
        let folder = try SharedData.temporaryFolder()
        defer { unlinkAll(folder) }
        try Data("old".utf8).write(to: URL(fileURLWithPath: folder + "/file.hdf5"))
        #expect(try RobomimicFile.load(DatasetSelection(path: write(folder))).episodes.count == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file.hdf5"])
    }

    private func unlinkAll(_ folder: String) {
        do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record(error) }
    }

    /// `image` is robomimic's, `agentview_rgb` LIBERO's, `cam_high` ALOHA's.
    @Test func `without a choice every key of 8-bit RGB images is a camera, whatever it is called`() throws {
        let folder = try SharedData.temporaryFolder()
        defer { unlinkAll(folder) }
        var episode = VariantFile.recorded(0)
        let picture = try #require(episode.cameras["agentview_image"])
        episode.cameras = ["image": picture, "agentview_rgb": picture, "cam_high": picture]
        episode.lowDim["camera_depth"] = RecordedEpisode.LowDim(width: 2, values: [Double](repeating: 0, count: 2 * episode.length))
        try RobomimicWriter.write([episode], environment: Self.environment, masks: [:], compress: true, to: folder + "/file.hdf5")
        let selection = DatasetSelection(path: folder + "/file.hdf5")
        #expect(try RobomimicFile.load(selection).cameras.map(\.key) == ["agentview_rgb", "cam_high", "image"])
        let (named, state) = try selection.naming(lowDimOfState: nil)
        #expect(named.cameras == ["agentview_rgb", "cam_high", "image"])
        #expect(named.lowDimKeys == ["robot0_eef_pos", "robot0_eef_quat", "robot0_gripper_qpos"] && state == named.lowDimKeys)
        episode.lowDim["object"] = RecordedEpisode.LowDim(width: 2, values: [Double](repeating: 0, count: 2 * episode.length))
        try RobomimicWriter.write([episode], environment: Self.environment, masks: [:], compress: true, to: folder + "/task.hdf5")
        let task = DatasetSelection(path: folder + "/task.hdf5", cameras: ["image"])
        let (own, withObject) = try task.naming(lowDimOfState: nil)
        #expect(own.cameras == ["image"] && withObject == named.lowDimKeys.map { $0 + ["object"] })
        #expect(try task.naming(lowDimOfState: ["object"]).lowDimOfState == ["object"])
    }
}
