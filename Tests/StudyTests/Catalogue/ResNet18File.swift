import Basics
import Safetensors
import TestSupport

/// A file like torchvision's ResNet-18, with random weights.
enum ResNet18File {
    /// - Returns: its path
    static func write() throws -> String {
        let path = try SharedData.temporaryFolder() + "/resnet18.safetensors"
        var source = RandomSource(Seed(18))
        var tensors: [(name: String, tensor: Tensor)] = []
        func convolution(_ name: String, _ norm: String, _ inputs: Int, _ outputs: Int, _ kernel: Int) {
            let shape = [outputs, inputs, kernel, kernel], bound = (6 / Double(inputs * kernel * kernel)).squareRoot()
            tensors.append((name + ".weight", Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float(source.uniform(-bound, bound)) })))
            for (vector, value) in [("weight", Float(1)), ("bias", 0), ("running_mean", 0), ("running_var", 1)] {
                tensors.append(("\(norm).\(vector)", Tensor(shape: [outputs], values: .init(repeating: value, count: outputs))))
            }
        }
        convolution("conv1", "bn1", 3, 64, 7)
        var inputs = 64
        for (layer, width) in [64, 128, 256, 512].enumerated() {
            for block in 0..<2 {
                let name = "layer\(layer + 1).\(block)"
                convolution("\(name).conv1", "\(name).bn1", block == 0 ? inputs : width, width, 3)
                convolution("\(name).conv2", "\(name).bn2", width, width, 3)
                if layer > 0 && block == 0 { convolution("\(name).downsample.0", "\(name).downsample.1", inputs, width, 1) }
            }
            inputs = width
        }
        try Safetensors.write(tensors, metadata: [:], to: path)
        return path
    }
}
