import Basics
import Testing

@testable import Probes

@Suite struct InputKeyTests {
    private let designed = DesignedStudy()

    /// Poses of demonstration i under images of i + 1, answered by one of them.
    private func answers(_ policy: PolicyID, _ design: Design, by answering: (_ pose: Int, _ image: Int) -> Int) -> DesignedAnswers {
        let poses = Array(0..<12), images = poses.map { design == .otherImage ? $0 + 1 : $0 }
        let values = zip(poses, images).map { pose, image in
            designed.answer(.nearest, designed.study.latent[answering(pose, image)])
        }
        return designed.answers(policy, design, values, perGroup: 1, demonstrations: poses, other: images)
    }

    @Test func `what recalls by the image and what recalls by the pose are told apart`() throws {
        let result = try designed.run(
            InputKey(),
            [
                answers("alt", .otherImage) { $1 }, answers("memorizer", .otherImage) { pose, _ in pose },
                answers("mean", .otherImage) { _, _ in 15 },
            ])
        func row(_ endpoint: String, _ policy: String) -> SummaryRow? { result.row(endpoint, policy, "other_image") }
        #expect(row("p09_image_share", "alt")?.value == 1 && row("p09_image_share", "alt")?.verdict == .imageIsKey)
        #expect(row("p09_pose_share", "memorizer")?.value == 1 && row("p09_pose_share", "memorizer")?.verdict == .poseIsKey)
        #expect(row("p09_image_share", "mean")?.value == 0 && row("p09_image_share", "mean")?.verdict == .undecided)
        #expect(row("p09_image_share", "alt")?.controlValue == 1.0 / 16)
    }

    @Test func `without its image a policy by pose still recalls, one by image does not`() throws {
        let result = try designed.run(
            InputKey(), [answers("memorizer", .blankImage) { pose, _ in pose }, answers("alt", .blankImage) { _, _ in 15 }])
        #expect(result.row("p09_pose_share", "memorizer", "true_pose_blank_image")?.value == 1)
        #expect(result.row("p09_pose_share", "alt", "true_pose_blank_image")?.value == 0)
        #expect(result.row("p09_image_share", "alt", "true_pose_blank_image") == nil)
    }

    @Test func `what a lookup says it recalled counts before the nearest sequence`() throws {
        let plain = answers("alt", .otherImage) { pose, _ in pose }, generated = plain.generated
        let row = designed.study.train.demonstration.firstIndex(of: 9) ?? 0
        let matched = GeneratedChunks(
            policy: generated.policy, condition: generated.condition, chunks: generated.chunks, observation: generated.observation,
            sample: generated.sample, match: generated.observation.map { _ in RecalledMatch(trainChunk: row, similarity: 1, flag: false) },
            cluster: generated.cluster)
        let result = try designed.run(
            InputKey(),
            [DesignedAnswers(design: .otherImage, generated: matched, coordinate: plain.coordinate, other: plain.other, ways: [:])])
        #expect(result.table("p09_recall")?.numbers("recalled_demonstration_position").allSatisfy { $0 == 9 } == true)
    }
}
