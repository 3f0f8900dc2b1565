import Basics
import Demonstrations
import Foundation
import Testing

@Suite struct DatasetValidatorTests {
    private func findings(_ name: String) throws -> [ValidationReport.Finding] {
        try DatasetValidator.validate(path: VariantFile.path(name)).findings
    }

    private func expect(
        _ findings: [ValidationReport.Finding], _ severity: ValidationReport.Severity, _ location: String, _ message: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(
            findings.contains {
                $0.severity == severity && $0.location == location && $0.message.contains(message)
            }, "\(severity) at \(location): \(message); found \(findings)", sourceLocation: sourceLocation)
    }

    @Test func `a file with many faults has one finding for each`() throws {
        let report = try DatasetValidator.validate(path: VariantFile.path("dubious"))
        expect(report.findings, .error, "/data/demo_6", "the same data as demo_0")
        expect(report.findings, .error, "/data/demo_1/obs/robot0_eef_quat", "norm 0.5 at step 3")
        expect(report.findings, .warning, "actions", "outside [-1, 1]")
        expect(report.findings, .warning, "obs/robot0_gripper_qpos", "constant in every step: dimensions 0")
        expect(report.findings, .warning, "/data/demo_3/obs/agentview_image", "1 of 4 frames are blank, the first at step 1")
        expect(report.findings, .warning, "/data", "numbering has gaps: 3 missing, for instance demo_2, demo_4, demo_5")
        #expect(report.errorCount == 2)
        #expect(!report.isValid)
        #expect(report.text.contains("2 errors"))
        #expect(report.demonstrations == 4 && report.steps == 5 + 7 + 4 + 5)
    }

    @Test func `broken demonstrations are findings, and the others are still checked`() throws {
        expect(try findings("nan_actions"), .error, "/data/demo_1/actions", "1 values are not finite, the first at step 4, dimension 2")
        expect(try findings("infinite_low_dim"), .error, "/data/demo_1/obs/robot0_eef_quat", "step 3, dimension 1")
        expect(try findings("lengths"), .error, "/data/demo_1/obs/robot0_eef_pos", "6 rows for 7 actions")
        expect(try findings("image_rank"), .error, "/data/demo_0/obs/agentview_image", "RGB images")
        expect(try findings("image_size"), .error, "/data/demo_1/obs/wrist_image", "earlier demonstrations have [3, 2, 3]")
        expect(try findings("no_actions"), .error, "/data/demo_1/actions", "no actions")
        expect(try findings("no_steps"), .error, "/data/demo_1/actions", "no steps")
        expect(try findings("raw"), .error, "/data/demo_1/obs", "no observations")
        expect(try findings("missing_camera"), .error, "/data/demo_1/obs", "without wrist_image")
        expect(try findings("damaged_chunk"), .error, "/data/demo_1/obs/agentview_image", "cannot be read")
        expect(try findings("external_link"), .error, "/data/demo_1/actions", "another file")
    }

    @Test func `masks and counts are warnings`() throws {
        let masks = try findings("masks").filter { $0.location.hasPrefix("/mask") }
        expect(masks, .error, "/mask/numbers", "does not hold names")
        expect(masks, .warning, "/mask/empty", "the mask is empty")
        expect(masks, .warning, "/mask/all_absent", "absent demonstrations: demo_7, demo_8")
        expect(masks, .warning, "/mask/valid", "also in mask train: demo_1")
        let dubious = try findings("wrong_counts")
        expect(dubious, .warning, "/data/demo_1", "num_samples says 99 steps; the actions have 7")
        expect(dubious, .warning, "/data", "total says 1 steps; the actions have 16")
        expect(try findings("minimal"), .warning, "/data", "no env_args")
    }

    @Test func `there must be something to check`() {
        for (name, kind) in [("absent", Failure.Kind.inputMissing), ("text", .data), ("no_data", .data)] {
            let failure = #expect(throws: Failure.self) { try findings(name) }
            #expect(failure?.kind == kind)
        }
    }

    @Test func `a report survives JSON`() throws {
        let report = try DatasetValidator.validate(path: VariantFile.path("dubious"))
        #expect(try JSONDecoder().decode(ValidationReport.self, from: JSONEncoder().encode(report)) == report)
    }
}
