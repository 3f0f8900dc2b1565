import Basics
import Demonstrations
import Foundation
import TestSupport
import Testing

/// Files that must be refused, each with its own message, place and exit code.
@Suite struct RobomimicFileFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var file: String
        /// A part of `what`.
        var what: String
        /// Parts of the whole message.
        var says: [String] = []
        var kind = Failure.Kind.data
        var change: @Sendable (inout DatasetSelection) -> Void = { _ in }
        var testDescription: String { "\(file): \(what)" }
    }

    static let cases: [Case] = [
        Case(file: "absent", what: "no such data file", kind: .inputMissing),
        Case(file: "text", what: "not an HDF5 file", says: ["460 bytes of text"]),
        Case(file: "empty", what: "not an HDF5 file", says: ["an empty file"]),
        Case(file: "truncated", what: "truncated"),
        Case(file: "no_data", what: "no group /data", says: ["trajectories"]),
        Case(file: "no_demonstrations", what: "no demonstrations"),
        Case(file: "raw", what: "no observations", says: ["demo_1/obs", "raw recording", "dataset_states_to_obs"]),
        Case(file: "image_rank", what: "RGB images", says: ["demo_0/obs/agentview_image", "uint8 (5, 4, 5)", "uint8 (steps"]),
        Case(file: "image_type", what: "RGB images", says: ["float32 (5, 4, 5, 3)"]),
        Case(file: "image_channels", what: "RGB images", says: ["uint8 (5, 3, 4, 5)"]),
        Case(file: "image_size", what: "camera frames do not fit", says: ["demo_1/obs/wrist_image", "(7, 3, 4, 3)"]),
        Case(file: "lengths", what: "low-dim observations do not fit", says: ["demo_1/obs/robot0_eef_pos", "7 rows", "(6, 3)"]),
        Case(file: "missing_camera", what: "no such camera", says: ["demo_1/obs/wrist_image"]),
        Case(file: "no_actions", what: "no actions", says: ["demo_1/actions"]),
        Case(file: "no_steps", what: "no steps", says: ["demo_1/actions"]),
        Case(file: "nan_actions", what: "not finite", says: ["demo_1/actions", "nan at step 4, dimension 2"]),
        Case(file: "infinite_low_dim", what: "not finite", says: ["demo_1/obs/robot0_eef_quat", "-inf at step 3, dimension 1"]),
        Case(file: "overflow", what: "not finite", says: ["demo_0/actions", "step 0, dimension 1"]),
        Case(file: "external_link", what: "another file", says: ["demo_1/actions", "external link"]),
        Case(file: "hidden_external_link", what: "cannot be opened", says: ["demo_1/actions"]),
        Case(file: "external_storage", what: "another file", says: ["external storage"]),
        Case(file: "virtual", what: "another file", says: ["virtual dataset"]),
        Case(file: "never_written", what: "does not add up", says: ["nothing was ever written"]),
        Case(file: "bomb", what: "does not add up", says: ["24000000000 bytes"]),
        Case(file: "lzf", what: "filter", says: ["lzf"]),
        Case(file: "newer_hdf5", what: "cannot be opened", says: ["newer HDF5"]),
        Case(file: "damaged_chunk", what: "cannot be read", says: ["demo_1/obs/agentview_image"]),
        Case(file: "text_low_dim", what: "rows of numbers", says: ["string (5)"]) { $0.lowDimKeys = ["robot0_eef_pos"] },
        Case(file: "masks", what: "lists no demonstrations", says: ["/mask/empty", "empty mask"]) { $0.filterKey = "empty" },
        Case(file: "masks", what: "only demonstrations that the file does not have", says: ["demo_7"]) {
            $0.filterKey = "all_absent"
        },
        Case(file: "masks", what: "does not hold names", says: ["int64 (2)"]) { $0.filterKey = "numbers" },
        Case(file: "masks", what: "no such filter key", says: ["all_absent, empty", "did you mean train?"]) {
            $0.filterKey = "trian"
        },
        Case(file: "minimal", what: "no such filter key", says: ["none", "leave the filter key out"]) { $0.filterKey = "train" },
        Case(file: "contiguous", what: "no demonstration is left", says: ["limit 0"]) { $0.limit = 0 },
        Case(file: "contiguous", what: "no such camera", says: ["wrist_image", "did you mean agentview_image?"]) {
            $0.cameras = ["agentveiw_image"]
        },
        Case(file: "contiguous", what: "no such low-dim key", says: ["did you mean robot0_eef_pos?"]) {
            $0.lowDimKeys = ["robot0_eef_position"]
        },
        Case(file: "contiguous", what: "named twice") { $0.cameras = ["wrist_image", "wrist_image"] },
        Case(file: "contiguous", what: "nothing is observed") {
            $0.cameras = []
            $0.lowDimKeys = []
        },
    ]

    @Test(arguments: cases) func `a bad file is refused with a message of its own`(_ example: Case) throws {
        let failure = try #require(throws: Failure.self) { _ = try VariantFile.load(example.file, example.change) }
        #expect(failure.kind == example.kind)
        #expect(failure.what.contains(example.what), "\(failure)")
        for part in example.says { #expect(failure.description.contains(part), "\(failure)") }
        #expect(failure.location?.contains(VariantFile.path(example.file)) == true)
        #expect(failure.remedy != nil)
    }

    @Test func `a folder is refused as one`() throws {
        let failure = try #require(throws: Failure.self) {
            _ = try RobomimicFile.load(DatasetSelection(path: SharedData.fixture("hdf5")))
        }
        #expect(failure.kind == .data)
        #expect(failure.what == "the data file is a folder")
    }

    @Test func `every truncation of a file is refused, none crashes`() throws {
        let folder = try SharedData.temporaryFolder()
        let whole = try Data(contentsOf: URL(fileURLWithPath: VariantFile.path("contiguous")))
        for step in 1..<40 {
            let path = "\(folder)/cut-\(step).hdf5"
            try whole.prefix(whole.count * step / 40).write(to: URL(fileURLWithPath: path))
            let failure = #expect(throws: Failure.self) { _ = try RobomimicFile.load(DatasetSelection(path: path)) }
            #expect(failure?.kind == .data)
        }
        try FileManager.default.removeItem(atPath: folder)
    }
}
