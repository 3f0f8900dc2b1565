import Compute
import Networks
import Policies
import Safetensors
import TestSupport

/// The small policy of `goldens/policy.safetensors`, its parameters and observations in our layout.
struct GoldenPolicy {
    let file: SafetensorsFile
    let network = DiffusionNetwork(
        .init(
            cameras: ["agentview_image", "robot0_eye_in_hand_image"], imageSize: 16, lowDimDimension: 9,
            actionDimension: 7, horizon: 16, observationSteps: 2,
            encoder: .init { ($0.channels, $0.keypoints, $0.features) = ([8, 12], 6, 10) },
            unet: .init { ($0.downDims, $0.stepEmbedding) = ([16, 16], 16) }))
    /// Images and low-dim values of three samples; the rest is zero.
    let observations: DiffusionBatch

    init() throws {
        let file = try Safetensors.read(SharedData.fixture("goldens/policy.safetensors"))
        self.file = file
        let images = try Goldens.interleaved(["front", "hand"].map { try file.tensor("inputs/\($0)") })
        let zeros = [Float](repeating: 0, count: 3 * 16 * 7)
        observations = DiffusionBatch(
            images: images, lowDim: try file.tensor("inputs/low_dim").values, noisyActions: zeros,
            timesteps: [0, 0, 0], target: zeros)
    }
}

enum Goldens {
    /// The parameters of a network's golden under their names.
    static func parameters(_ file: SafetensorsFile) -> [(name: String, tensor: Tensor)] {
        file.names.compactMap { name in
            guard name.hasPrefix("parameters/"), let tensor = file.tensors[name] else { return nil }
            return (String(name.dropFirst("parameters/".count)), tensor)
        }
    }

    static func buffer(_ file: SafetensorsFile, _ store: ParameterStore) throws -> FloatBuffer {
        let buffer = store.makeBuffer()
        try store.load(
            Dictionary(uniqueKeysWithValues: parameters(file).map { ($0.name, $0.tensor) }), into: buffer, from: file.path)
        return buffer
    }

    /// Images of several cameras, each [N, 3, H, W], as [N, cameras, H, W, 3].
    static func interleaved(_ cameras: [Tensor]) -> [Float] {
        let rows = cameras[0].shape[0]
        let size = cameras[0].values.count / rows
        let ours = cameras.map { ChannelsLast.values($0.values, shape: $0.shape) }
        return (0..<rows).flatMap { row in ours.flatMap { $0[row * size..<(row + 1) * size] } }
    }

    /// The parameters whose gradient is further from the golden than eight times PyTorch's own float32 error.
    static func disagreements(_ file: SafetensorsFile, _ store: ParameterStore, _ gradients: FloatBuffer) throws -> [String]
    {
        let tolerance = 8 * (file.metadata["float32_difference_gradients"].flatMap(Float.init) ?? 0)
        let zeros = (file.metadata["zero_gradients"] ?? "").split(separator: " ").map(String.init)
        let tensors = store.tensors(of: gradients).map { ($0.name, $0.tensor.values) }
        return try Difference.disagreements(tensors, zeros: Set(zeros), tolerance: tolerance) {
            try file.tensor("gradients/\($0)").values
        }
    }
}
