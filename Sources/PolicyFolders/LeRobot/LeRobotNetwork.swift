import Basics
import Compute
import Networks

/// A lerobot policy's network in our layers, and which tensors each of their parameters is made of.
///
/// Three things differ. Names are others. A BatchNorm at inference is an affine map of each channel, folded into the
/// convolution before it. And the condition has its values in another order, so that the columns that read it are moved:
/// lerobot's is, step after step, the state, the cameras' features and the environment's state; ours the cameras' features
/// and then all low-dim values.
struct LeRobotNetwork {
    let description: LeRobotDescription
    let network: DiffusionNetwork

    init(_ description: LeRobotDescription) {
        self.description = description
        network = DiffusionNetwork(
            DiffusionNetworkConfiguration(
                cameras: description.cameras.map(\.name), sharesEncoder: description.sharesEncoder, image: description.image,
                lowDimDimension: description.lowDim.reduce(0) { $0 + $1.width }, actionDimension: description.action.width,
                horizon: description.windows.horizon, observationSteps: description.windows.observationSteps, encoder: description.encoder,
                unet: description.unet))
    }

    /// Of each encoder.
    private var encoders: [(own: String, theirs: String)] {
        network.configuration.encoderNames.enumerated().map { place, own in
            (own, description.sharesEncoder ? "diffusion.rgb_encoder" : "diffusion.rgb_encoder.\(place)")
        }
    }

    /// Compares the tensors of a file with those of the network, both ways, without reading them.
    func check(_ weights: LeRobotWeights, hasProcessors: Bool) throws {
        let recipes = network.store.parameters.map(recipe)
        var seen: Set<LeRobotTensor> = []
        let needed = (recipes.flatMap(\.tensors) + positions).filter { seen.insert($0).inserted }
        // How many batches a BatchNorm has seen tells nothing about what it answers.
        let counters = needed.compactMap { tensor in
            tensor.name.hasSuffix(".running_mean") ? tensor.name.replacing(".running_mean", with: ".num_batches_tracked") : nil
        }
        try weights.check(needed, known: Set(counters), hasProcessors: hasProcessors)
    }

    /// The parameters, tensor by tensor.
    /// - Throws: `Failure` (`data`) naming the tensor that is not finite, or is not what a network of this kind can have.
    func parameters(_ weights: LeRobotWeights) throws -> FloatBuffer {
        try checkPositions(weights)
        let buffer = network.store.makeBuffer()
        for parameter in network.store.parameters {
            let recipe = recipe(parameter)
            let values = try recipe.make(recipe.tensors.map { try weights.values($0.name) })
            guard values.allSatisfy(\.isFinite) else {
                throw Failure(
                    .data, "a tensor makes a weight that is no number", at: "\(weights.path), tensor \(recipe.tensors.last?.name ?? parameter.name)", expected: "finite weights",
                    found: "infinite after folding", remedy: LeRobotFields.remedy)
            }
            network.store.set(parameter, to: values, in: buffer)
        }
        return buffer
    }

    // MARK: Names

    private func recipe(_ parameter: Parameter) -> LeRobotRecipe {
        if let encoder = encoders.first(where: { parameter.name.hasPrefix($0.own + ".") }) {
            return encoderRecipe(parameter, encoder.theirs, String(parameter.name.dropFirst(encoder.own.count + 1)))
        }
        var name = parameter.name.replacing(".blocks.0.", with: ".conv1.").replacing(".blocks.1.", with: ".conv2.").replacing(".2.conv.", with: ".2.")
        name = "diffusion.unet" + name.dropFirst("model".count)
        return name.contains(".cond_encoder.") ? conditionRecipe(parameter, name) : LeRobotRecipe(name, parameter.shape)
    }

    private func encoderRecipe(_ parameter: Parameter, _ prefix: String, _ rest: String) -> LeRobotRecipe {
        if rest.hasPrefix("nets.3.") { return LeRobotRecipe("\(prefix).out.\(rest.dropFirst("nets.3.".count))", parameter.shape) }
        let name = rest.replacing("backbone.nets.", with: "backbone.")
        guard description.hasBatchNorm, name.hasPrefix("backbone.") else { return LeRobotRecipe("\(prefix).\(name)", parameter.shape) }
        let parts = name.split(separator: "."), layer = parts.dropLast()
        let conv = "\(prefix).\(layer.joined(separator: "."))"
        let norm = "\(prefix).\(layer.dropLast().joined(separator: ".")).\(layer.last.map { Self.normAfter[String($0)] ?? String($0) } ?? "")"
        return foldedRecipe(parameter, isWeight: parts.last == "weight", conv: conv, norm: norm)
    }

    /// The normalisation behind a convolution of a residual network, by the last part of its name.
    private static let normAfter = ["0": "1", "conv1": "bn1", "conv2": "bn2"]

    private func foldedRecipe(_ parameter: Parameter, isWeight: Bool, conv: String, norm: String) -> LeRobotRecipe {
        let vectors = ["running_var", "weight", "bias", "running_mean"].map { LeRobotTensor(name: "\(norm).\($0)", shape: [parameter.shape[0]]) }
        func folded(_ values: [[Float]]) throws -> FoldedBatchNorm {
            try FoldedBatchNorm(
                weight: values[1], bias: values[2], mean: values[3], variance: values[0], at: "tensor \(vectors[0].name)", remedy: LeRobotFields.remedy)
        }
        guard isWeight else { return LeRobotRecipe(vectors) { try folded($0).bias } }
        return LeRobotRecipe(vectors + [LeRobotTensor(name: "\(conv).weight", shape: parameter.shape)]) { try folded($0).weight($0[4]) }
    }

    /// FiLM's layer: its columns in our order; where it only adds, scales of 1 in front.
    private func conditionRecipe(_ parameter: Parameter, _ name: String) -> LeRobotRecipe {
        let scales = description.modulatesScale, rows = scales ? parameter.shape[0] : parameter.shape[0] / 2
        guard parameter.shape.count == 2 else {
            return LeRobotRecipe([LeRobotTensor(name: name, shape: [rows])]) { scales ? $0[0] : Array(repeating: 1, count: rows) + $0[0] }
        }
        let columns = columns, width = parameter.shape[1]
        return LeRobotRecipe([LeRobotTensor(name: name, shape: [rows, width])]) { values in
            var result = [Float](repeating: 0, count: parameter.count)
            let first = scales ? 0 : rows
            for row in 0..<rows {
                for column in 0..<width { result[(first + row) * width + column] = values[0][row * width + columns[column]] }
            }
            return result
        }
    }

    /// Of each column of ours lerobot's: the step's embedding, then the condition.
    var columns: [Int] {
        let c = network.configuration, embedding = c.unet.stepEmbedding, state = description.state.width
        let pictures = c.stepFeatures - c.lowDimDimension
        let step = Array(state..<state + pictures) + Array(0..<state) + Array(state + pictures..<c.stepFeatures)
        return Array(0..<embedding) + (0..<c.observationSteps).flatMap { index in step.map { embedding + index * c.stepFeatures + $0 } }
    }

    // MARK: The spatial softmax's positions

    private var positions: [LeRobotTensor] {
        let map = description.encoder.featureMap(of: description.image)
        return encoders.map { LeRobotTensor(name: "\($0.theirs).pool.pos_grid", shape: [map.height * map.width, 2]) }
    }

    /// lerobot keeps the positions with the weights, x before y; our layer has them of the same formula.
    private func checkPositions(_ weights: LeRobotWeights) throws {
        let map = description.encoder.featureMap(of: description.image)
        for tensor in positions {
            let found = try weights.values(tensor.name)
            for (index, value) in found.enumerated() {
                let place = index / 2, isX = index % 2 == 0
                let (step, count) = isX ? (place % map.width, map.width) : (place / map.width, map.height)
                let expected = -1 + 2 * Double(step) / Double(count - 1)
                guard abs(Double(value) - expected) < 1e-6 else {
                    throw Failure(
                        .data, "the positions of a spatial softmax are others", at: "\(weights.path), tensor \(tensor.name)",
                        expected: "\(expected) at [\(place), \(isX ? 0 : 1)] of a map of \(map)", found: "\(value)",
                        remedy: "check that config.json and the weights belong to each other")
                }
            }
        }
    }
}
