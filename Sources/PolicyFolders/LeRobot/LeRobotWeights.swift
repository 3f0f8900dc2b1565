import Basics
import Compute
import Networks
import Safetensors

/// model.safetensors of a lerobot policy, with the names that lerobot gives its layers: what `torch.compile` adds to them is
/// taken away.
struct LeRobotWeights: Sendable {
    let index: SafetensorsIndex
    /// The file's names by lerobot's.
    private let storedNames: [String: String]
    /// Buffers of older checkpoints: statistics beside the layers.
    let buffers: [String]
    private static let compiled = "_orig_mod"
    private static let bufferGroups = ["normalize_inputs.", "normalize_targets.", "unnormalize_outputs."]

    var path: String { index.path }

    /// Reads the header alone.
    /// - Throws: `Failure` when there is no such file, it is damaged, or two of its tensors are of one layer.
    init(_ path: String) throws {
        index = try SafetensorsIndex(path)
        var names: [String: String] = [:]
        for name in index.names {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            let own = parts.filter { $0 != Self.compiled }.joined(separator: ".")
            if let other = names.updateValue(name, forKey: own) {
                throw Failure(
                    .data, "two tensors have the same name but for what torch.compile adds", at: "\(path), tensor \(name)", expected: "one of each layer",
                    found: "\(other), \(name)", remedy: LeRobotFields.remedy)
            }
        }
        storedNames = names
        buffers = names.keys.filter { name in Self.bufferGroups.contains { name.hasPrefix($0) } }.sorted()
    }

    func stored(_ name: String) -> String { storedNames[name] ?? name }

    /// The tensors that a network needs, and those that may stand beside them, against those of the file, both ways: before
    /// any memory is taken.
    /// - Throws: `Failure` (`data`) naming the first tensor that is missing, has another shape or type, or belongs to nothing.
    func check(_ needed: [LeRobotTensor], known: Set<String>, hasProcessors: Bool) throws {
        try index.check(
            needed.map { ($0.name, $0.shape) }, others: known.union(hasProcessors ? [] : buffers), stored: storedNames,
            remedy: "check that config.json and the weights belong to each other")
    }

    /// The values of a tensor that `check` has seen.
    func values(_ name: String) throws -> [Float] { try index.finite(stored(name)) }
}

/// A tensor that lerobot's network has.
struct LeRobotTensor: Sendable, Equatable, Hashable {
    let name: String
    let shape: [Int]
}

/// How a parameter of our network follows from tensors of lerobot's.
struct LeRobotRecipe {
    let tensors: [LeRobotTensor]
    /// Their values to the parameter's, in PyTorch's layout.
    let make: ([[Float]]) throws -> [Float]

    /// The tensor itself.
    init(_ name: String, _ shape: [Int]) {
        self.init([LeRobotTensor(name: name, shape: shape)]) { $0[0] }
    }

    init(_ tensors: [LeRobotTensor], make: @escaping ([[Float]]) throws -> [Float]) {
        (self.tensors, self.make) = (tensors, make)
    }
}
