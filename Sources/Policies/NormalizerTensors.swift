import Demonstrations
import Safetensors

extension Normalizer {
    static let tensorPrefix = "normalizer."

    /// The normaliser under diffusion_policy's names, to be saved with the weights.
    public var tensors: [(name: String, tensor: Tensor)] {
        [
            ("action.scale", actionScale), ("action.offset", actionOffset), ("low_dim.scale", lowDimScale),
            ("low_dim.offset", lowDimOffset),
        ].map { ("\(Self.tensorPrefix)params_dict.\($0.0)", Tensor(shape: [$0.1.count], values: $0.1)) }
    }
}
