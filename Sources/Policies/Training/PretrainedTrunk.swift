import Compute
import Networks
import Safetensors

/// Weights of torchvision's ResNet-18 in safetensors, under the names of its state dict, for the backbone of an image encoder:
///
///     import torchvision, safetensors.torch
///     weights = torchvision.models.ResNet18_Weights.IMAGENET1K_V1
///     safetensors.torch.save_file(torchvision.models.resnet18(weights=weights).state_dict(), "resnet18.safetensors")
///
/// Its BatchNorms are folded into the convolutions before them, whose weights and biases then are what is fine-tuned: statistics of
/// a batch play no part.
public struct PretrainedTrunk: Sendable {
    private let index: SafetensorsIndex

    /// Reads the header alone and compares it with what the trunk needs, both ways; the classes' layer `fc` may be there or not.
    /// - Throws: `Failure` when there is no such file, it is damaged, or a tensor is missing, has another shape, or belongs to nothing.
    public init(_ path: String) throws {
        index = try SafetensorsIndex(path)
        let store = ParameterStore()
        _ = ImageEncoder(store, "", .imageNet(features: 1))
        try check(store, ImageEncoder.backbone(""))
    }

    /// Of a network whose trunk has other sizes.
    init(_ index: SafetensorsIndex, of store: ParameterStore, backbone: String) throws {
        self.index = index
        try check(store, backbone)
    }

    private func check(_ store: ParameterStore, _ backbone: String) throws {
        let convolutions = Self.convolutions(store, backbone)
        let needed = convolutions.flatMap { convolution in
            [(convolution.name + ".weight", convolution.weight.shape)]
                + Self.vectors.map { ("\(convolution.norm).\($0)", [convolution.weight.shape[0]]) }
        }
        try index.check(
            needed, others: Set(convolutions.map { "\($0.norm).num_batches_tracked" } + ["fc.weight", "fc.bias"]),
            remedy: "write the state dict of torchvision.models.resnet18 with safetensors.torch.save_file")
    }

    /// Sets the backbone's parameters; the others stay as they are.
    /// - Parameter backbone: what the names of the backbone's parameters begin with
    /// - Throws: `Failure` when a tensor cannot be read or holds what is no number, or a variance is below 0.
    public func load(into parameters: FloatBuffer, of store: ParameterStore, backbone: String) throws {
        for convolution in Self.convolutions(store, backbone) {
            let values = try Self.vectors.map { try index.finite("\(convolution.norm).\($0)") }
            let folded = try FoldedBatchNorm(
                weight: values[0], bias: values[1], mean: values[2], variance: values[3],
                at: "\(index.path), tensor \(convolution.norm).\(Self.vectors[3])", remedy: "write the file again")
            store.set(convolution.weight, to: folded.weight(try index.finite("\(convolution.name).weight")), in: parameters)
            store.set(convolution.bias, to: folded.bias, in: parameters)
        }
    }

    private static let vectors = ["weight", "bias", "running_mean", "running_var"]

    /// A convolution of the backbone and what torchvision calls it and the BatchNorm behind it.
    private struct Convolution {
        let name, norm: String
        let weight, bias: Parameter
    }

    private static func convolutions(_ store: ParameterStore, _ backbone: String) -> [Convolution] {
        let own = Dictionary(uniqueKeysWithValues: store.parameters.filter { $0.name.hasPrefix(backbone) }.map { ($0.name, $0) })
        return store.parameters.compactMap { weight in
            guard own[weight.name] != nil, weight.name.hasSuffix(".weight") else { return nil }
            let path = weight.name.dropLast(".weight".count)
            guard let bias = own["\(path).bias"] else { return nil }
            var parts = path.dropFirst(backbone.count).split(separator: ".").map(String.init)
            // Positions of a sequence, of which the stem is 0 and the stages are 4 to 7.
            if let stage = Int(parts[0]) { parts[0] = stage == 0 ? "conv1" : "layer\(stage - 3)" }
            let name = parts.joined(separator: ".")
            parts[parts.count - 1] = normAfter[parts[parts.count - 1]] ?? ""
            return Convolution(name: name, norm: parts.joined(separator: "."), weight: weight, bias: bias)
        }
    }

    /// The BatchNorm behind a convolution, by the last part of its name.
    private static let normAfter = ["conv1": "bn1", "conv2": "bn2", "0": "1"]
}
