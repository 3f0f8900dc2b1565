import Compute
import TestSupport
import Testing

@testable import Networks

/// The small transformer of `goldens/action_chunking.safetensors`.
@Suite struct ActionChunkingNetworkTests {
    private let sizes = ActionChunkingConfiguration(
        cameras: ["agentview_image", "robot0_eye_in_hand_image"], imageSize: 20, lowDimWidths: [3, 4, 2], actionDimension: 7,
        horizon: 16, observationSteps: 2, encoder: .init { $0.channels = [4, 8] },
        transformer: .init { ($0.width, $0.heads, $0.feedForward) = (8, 2, 12) })

    @Test func `the answer to pictures and values is PyTorch's`() throws {
        let golden = try GoldenNetwork("action_chunking"), network = ActionChunkingNetwork(sizes)
        #expect(network.configuration.encoder.features == 3 * 3 * 8)
        let weights = try golden.weights(network.store)
        let images = try ["front", "hand"].map { try golden.values("inputs/\($0)") }
        let lowDim = try golden.rows("inputs/low_dim"), size = network.configuration.imageCount
        var condition: [Float] = []
        for row in 0..<6 {
            for camera in 0..<2 {
                let encoder = network.encoderPlan(camera: camera, for: .inference), run = PlanRunner(encoder.plan, poisoned: true)
                run.set(encoder.image, Array(images[camera][row * size..<(row + 1) * size]))
                run.forward(weights)
                condition += run.array(encoder.features)
            }
            condition += lowDim[row * 9..<(row + 1) * 9]
        }
        let answer = network.answerPlan(batch: 3), run = PlanRunner(answer.plan, poisoned: true)
        run.set(answer.condition, condition)
        run.forward(weights)
        #expect(Difference.relative(run.array(answer.actions), try golden.rows("output")) <= (try golden.tolerance("outputs")))
    }

    @Test func `the store has PyTorch's names and shapes`() throws {
        let golden = try GoldenNetwork("action_chunking"), prefix = "parameters/"
        let expected = golden.file.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        let store = ActionChunkingNetwork(sizes).store
        #expect(Set(store.parameters.map(\.name)) == Set(expected))
        for parameter in store.parameters { #expect(try golden.file.tensor(prefix + parameter.name).shape == parameter.shape) }
    }

    /// sin and cos of 2 π (row + 1) / rows at falling frequencies, then of the column.
    @Test func `places of a picture are the sines of row and column`() {
        let sines = ActionChunkingNetwork.sines(rows: 2, columns: 4, width: 8)
        #expect(sines.count == 2 * 4 * 8)
        // Row 0 of 2: half a turn; column 0 of 4: a quarter. The second pair at a hundredth of the angle.
        let expected: [Float] = [0, -1, 0.031411, 0.999507, 1, 0, 0.015707, 0.999877]
        #expect(Difference.absolute(Array(sines[..<8]), expected) < 2e-5)
        // Tokens of one row share its half, those of one column theirs.
        #expect(sines[..<4] == sines[8..<12] && sines[4..<8] == sines[(4 * 8 + 4)..<(4 * 8 + 8)])
    }

    @Test func `low-dim values alone are tokens too`() {
        var lowDim = sizes
        lowDim.cameras = []
        let network = ActionChunkingNetwork(lowDim)
        #expect(network.configuration.condition == 2 * 9)
        #expect(network.store.parameters.first { $0.name == "additional_pos_embed.weight" }?.shape == [6, 8])
        #expect(network.answerPlan(batch: 5).actions.shape == [5, 16, 7])
    }
}
