import Compute
import Safetensors
import TestSupport

/// A network's golden, with its numbers in our layout.
struct GoldenNetwork {
    let file: SafetensorsFile
    /// Times PyTorch's own float32 error is allowed: our sums run in another order, on any processor.
    private static let allowance: Float = 8

    init(_ name: String) throws { file = try Safetensors.read(SharedData.fixture("goldens/\(name).safetensors")) }

    /// Channels last.
    func values(_ name: String) throws -> [Float] {
        let tensor = try file.tensor(name)
        return ChannelsLast.values(tensor.values, shape: tensor.shape)
    }

    /// As PyTorch has it.
    func rows(_ name: String) throws -> [Float] { try file.tensor(name).values }

    /// - Parameter prefix: our names before the golden's.
    func weights(_ store: ParameterStore, prefix: String = "") throws -> Weights {
        let buffer = store.makeBuffer()
        let parameters = file.tensors.filter { $0.key.hasPrefix("parameters/") }
        try store.load(
            Dictionary(uniqueKeysWithValues: parameters.map { (prefix + $0.key.dropFirst("parameters/".count), $0.value) }),
            into: buffer, from: file.path)
        return Weights(store, parameters: buffer, forTraining: true)
    }

    /// - Parameter quantity: outputs, loss or gradients
    func tolerance(_ quantity: String) throws -> Float {
        guard let text = file.metadata["float32_difference_\(quantity)"], let value = Float(text) else { return 0 }
        return Self.allowance * max(value, 1e-7)
    }

    /// The parameters whose gradient is further from the golden than allowed.
    func disagreements(_ store: ParameterStore, _ gradients: FloatBuffer, prefix: String = "") throws -> [String] {
        let zeros = (file.metadata["zero_gradients"] ?? "").split(separator: " ").map(String.init)
        let tensors = store.tensors(of: gradients).map { (String($0.name.dropFirst(prefix.count)), $0.tensor.values) }
        return try Difference.disagreements(tensors, zeros: Set(zeros), tolerance: tolerance("gradients")) {
            try file.tensor("gradients/\($0)").values
        }
    }
}
