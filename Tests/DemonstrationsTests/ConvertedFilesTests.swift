import Basics
import Demonstrations
import Foundation
import TestSupport
import Testing

/// Python with the converter's packages: `ALT_CONVERT_PYTHON`, or python3 where it has them.
private let python: ExternalProgram? = {
    let name = ProcessInfo.processInfo.environment["ALT_CONVERT_PYTHON"] ?? "python3"
    guard let program = ExternalProgram(name), let result = try? program.run(["-c", "import av, h5py, numpy, PIL, pyarrow, zarr; assert zarr.__version__ < '3'"]) else { return nil }
    return result.status == 0 ? program : nil
}()

/// What `datasets/convert.py` makes of LeRobotDatasets and replay buffers is read as any robomimic file.
@Suite(.enabled(if: python != nil, "needs Python with datasets/requirements.txt: set ALT_CONVERT_PYTHON"))
struct ConvertedFilesTests {
    private static let script = SharedData.root + "/datasets/test_convert.py"

    private func converted(_ name: String, in folder: String) throws -> String {
        let result = try #require(python).run([Self.script, "--make", folder])
        try #require(result.status == 0, "\(result.output)\(result.error)")
        return "\(folder)/\(name).hdf5"
    }

    @Test func `the converter's own tests pass`() throws {
        let result = try #require(python).run([Self.script, "--quiet"])
        #expect(result.status == 0, "\(result.output)\(result.error)")
    }

    @Test func `a converted LeRobotDataset has its actions, states, pictures and splits`() throws {
        let folder = try SharedData.temporaryFolder()
        let path = try converted("recordings", in: folder), set = try RobomimicFile.load(DatasetSelection(path: path))
        #expect(set.cameras == [Camera(key: "top_image", height: 16, width: 32), Camera(key: "wrist_image", height: 4, width: 6)])
        #expect(set.lowDimKeys.map(\.key) == ["state"] && set.actionDimension == 2)
        #expect(set.episodes.map(\.name) == ["demo_0", "demo_1", "demo_2"])
        try check(set, camera: 1, state: 3)
        #expect(try RobomimicFile.load(DatasetSelection(path: path, filterKey: "train")).episodes.map(\.name) == ["demo_0", "demo_1"])
        #expect(try RobomimicFile.load(DatasetSelection(path: path, filterKey: "valid")).episodes.map(\.name) == ["demo_2"])
        // Grey frames of the video, each a little lighter than the one before, over all episodes.
        var order = 0
        for (position, episode) in set.episodes.enumerated() {
            for frame in 0..<episode.length {
                let (red, _, _) = set.image(FrameReference(demonstration: position, frame: frame), camera: 0)[28, 12]
                #expect(abs(Int(red) - (20 + 13 * order)) < 5, "episode \(position), frame \(frame)")
                order += 1
            }
        }
        try expectSound(path)
    }

    @Test func `a converted replay buffer has its actions, states and pictures`() throws {
        let folder = try SharedData.temporaryFolder()
        let path = try converted("push", in: folder), set = try RobomimicFile.load(DatasetSelection(path: path, lowDimKeys: ["state"]))
        #expect(set.cameras == [Camera(key: "image", height: 4, width: 6)])
        try check(set, camera: 0, state: 5)
        let keys = try DatasetInspector.inspect(path: path).keys
        #expect(keys.first { $0.path == "obs/keypoint" }?.shape == [18])
        #expect(keys.first { $0.path == "obs/image" }?.compression == "gzip 4")
        try expectSound(path)
    }

    /// The formulas of `test_convert.py`, which are those of the other fixtures.
    private func check(_ set: DemonstrationSet, camera: Int, state: Int) throws {
        #expect(set.episodes.map(\.length) == VariantFile.lengths)
        for (position, episode) in set.episodes.enumerated() {
            func rows(_ width: Int) -> [Float] {
                (0..<episode.length).flatMap { step in (0..<width).map { Float(step - 2 * $0 + position) / 16 } }
            }
            #expect(episode.actions == rows(2) && episode.lowDim == rows(state))
            for frame in 0..<episode.length {
                let image = set.image(FrameReference(demonstration: position, frame: frame), camera: camera)
                #expect(image.pixels == VariantFile.frame(position, frame, camera: 0, height: 4, width: 6))
            }
        }
    }

    private func expectSound(_ path: String) throws {
        let report = try DatasetValidator.validate(path: path)
        #expect(report.isValid && report.warningCount == 0, "\(report.text)")
    }
}
