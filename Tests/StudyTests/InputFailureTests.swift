import Basics
import Demonstrations
import Foundation
import Images
import Runs
import Store
import Study
import Testing
import TestSupport

/// Bad input to a study: the error says what and where, the run is left failed with its code, and nothing is trained.
@Suite struct InputFailureTests {
    private func failure(_ study: TinyStudy, _ overrides: [String]) throws -> Failure {
        let failure = try #require(throws: Failure.self) { try study.run("results", overrides) }
        let path = try study.path("results", overrides)
        let status = try RunStatus.read(run: path)
        #expect(status.state == .failed)
        #expect(status.exitCode == failure.kind.exitCode)
        #expect(status.message == failure.what)
        #expect(!FileManager.default.fileExists(atPath: path + "/checkpoints/diffusion"))
        let left = try FileManager.default.subpathsOfDirectory(atPath: path)
        #expect(left.filter { $0.contains("partial") } == [])
        #expect(failure.location != nil && failure.expected != nil && failure.found != nil && failure.remedy != nil)
        return failure
    }

    @Test(arguments: [
        ("text", "not an HDF5 file", "text.hdf5"),
        ("truncated", "truncated", "truncated.hdf5"),
        ("empty", "not an HDF5 file", "empty.hdf5"),
        ("no_demonstrations", "no demonstrations", "/data"),
        ("raw", "no observations", "/obs"),
        ("image_rank", "does not hold RGB images", "agentview_image"),
        ("nan_actions", "not finite", "/actions"),
        ("minimal", "smaller than the crop", "minimal.hdf5"),
    ])
    func `a file that cannot be learned from is refused before training`(name: String, what: String, place: String) throws {
        let found = try failure(TinyStudy(data: SharedData.fixture("hdf5/\(name).hdf5")), [])
        #expect(found.kind == .data)
        #expect(found.what.contains(what))
        #expect(found.location?.contains(place) == true)
    }

    @Test(arguments: [
        (["data.filter_key=empty"], "lists no demonstrations"),
        (["data.filter_key=all_absent"], "demonstrations that the file does not have"),
        (["data.filter_key=trian"], "no such filter key"),
    ])
    func `a filter key that leaves nothing is refused`(overrides: [String], what: String) throws {
        let found = try failure(TinyStudy(data: SharedData.fixture("hdf5/masks.hdf5")), overrides)
        #expect(found.kind == .data)
        #expect(found.what.contains(what))
        #expect(found.location?.contains("/mask/") == true)
    }

    @Test(arguments: [
        (["data.cameras=[agentview_imag]"], "no such camera"),
        (["data.low_dim=[robot0_eef_po]"], "no such low-dim key"),
        (["data.split.train=16", "data.split.reference=16"], "too few demonstrations"),
        (["windows.horizon=512"], "long enough for a window"),
        (["image.crop=100"], "smaller than the crop"),
    ])
    func `settings that do not fit the file are refused`(overrides: [String], what: String) throws {
        let found = try failure(TinyStudy(), overrides)
        #expect(found.kind == .data)
        #expect(found.what.contains(what))
    }

    @Test func `a broken picture is found before training and named`() throws {
        let study = try TinyStudy(), folder = study.experiment.folder + "/pictures"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let whole = try RGBImage(width: 40, height: 20, color: .white).pngData()
        try whole.write(to: URL(fileURLWithPath: folder + "/whole.png"))
        try whole.prefix(40).write(to: URL(fileURLWithPath: folder + "/zz.png"))
        for key in ["probes.image_folder=\(folder)", "probes.photographs=\(study.experiment.folder)"] {
            let found = try failure(study, [key])
            #expect(found.kind == .data)
            #expect(found.location == folder + "/zz.png")
        }
    }

    @Test func `an image folder without pictures is refused before training`() throws {
        let study = try TinyStudy(), folder = study.experiment.folder + "/pictures"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(try failure(study, ["probes.image_folder=\(folder)"]).what.contains("holds no PNG"))
    }

    @Test func `pictures of any size and colour type are asked about`() throws {
        let study = try TinyStudy()
        let overrides = ["probes.image_folder=\(SharedData.fixture("images"))", "diffusion.training.steps=2", "diffusion.training.audited_steps=[]", "probes.names=[p02]"]
        try study.run("results", overrides)
        #expect(try SummaryHeadline(run: study.path("results", overrides)).text.contains("folder"))
    }

    @Test(arguments: [
        (["diffusion.encoder.channels=[4,4,4,4]"], "diffusion.encoder.channels=", "fewer stages"),
        (["alt.encoder.channels=[4,4,4,4]"], "alt.encoder.channels=", "fewer stages"),
        (["diffusion.encoder.variant=resnet18", "diffusion.encoder.channels=[4,4,4]"], "diffusion.encoder.channels=", "4 halvings"),
        (["data.split.train=1", "data.split.reference=1"], "data.split.train=1", "at least 2"),
        (["probes.names=[p00, p99]"], "probes.names=", "one of p00"),
    ])
    func `settings that no network or probe could use are refused with their place`(
        overrides: [String], place: String, expected: String
    ) throws {
        let study = try TinyStudy()
        let found = try #require(throws: Failure.self) { try ExperimentFile.load(study.experiment.path, overrides: overrides) }
        #expect(found.kind == .data)
        #expect(found.location?.contains(place) == true)
        #expect(found.expected?.contains(expected) == true)
    }

    @Test func `a device or a pipe in place of the file is refused without being read`() throws {
        let study = try TinyStudy(), pipe = study.experiment.folder + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for (path, kind) in [("/dev/zero", "a device"), (pipe, "a pipe")] {
            let file = try ExperimentFile.load(study.experiment.path, overrides: ["data.path=\(path)"])
            let found = try #require(throws: Failure.self) { try file.settings.checkPaths(file.origins) }
            #expect(found.kind == .data && found.what == "the demonstrations' file is \(kind)")
            #expect(throws: Failure.self) { try DatasetInspector.inspect(path: path) }
            #expect(throws: Failure.self) { try FileHash.sha256(path) }
        }
    }

    @Test func `a folder in place of the file is refused before anything is written`() throws {
        let study = try TinyStudy()
        let file = try ExperimentFile.load(study.experiment.path, overrides: ["data.path=\(study.experiment.folder)"])
        #expect(try #require(throws: Failure.self) { try file.settings.checkPaths(file.origins) }.kind == .data)
    }
}
