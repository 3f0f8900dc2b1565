import Demonstrations
import Safetensors

extension Normalizer {
    public static let tensorPrefix = "normalizer."

    /// The normaliser under diffusion_policy's names, to be saved with the weights.
    public var tensors: [(name: String, tensor: Tensor)] {
        [
            ("action.scale", actionScale), ("action.offset", actionOffset), ("low_dim.scale", lowDimScale),
            ("low_dim.offset", lowDimOffset),
        ].map { ("\(Self.tensorPrefix)params_dict.\($0.0)", Tensor(shape: [$0.1.count], values: $0.1)) }
    }

    /// The normaliser of a model file.
    /// - Throws: `Failure` when a tensor is missing.
    public init(tensors file: SafetensorsFile) throws {
        func values(_ name: String) throws -> [Float] { try file.tensor("\(Self.tensorPrefix)params_dict.\(name)").values }
        self.init(
            actionScale: try values("action.scale"), actionOffset: try values("action.offset"),
            lowDimScale: try values("low_dim.scale"), lowDimOffset: try values("low_dim.offset"))
    }
}
