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
        let remedy = "check that config.json and the weights belong to each other"
        let all = known.union(needed.map(\.name)).union(hasProcessors ? [] : buffers)
        let strangers = storedNames.keys.filter { !all.contains($0) }.sorted()
        for tensor in needed {
            let location = "\(path), tensor \(tensor.name)"
            guard let shape = index.shape(stored(tensor.name)) else {
                throw Failure(
                    .data, "a tensor is missing", at: location, expected: "shape \(tensor.shape)", found: "none of this name, and of those that belong to nothing \(Self.nearest(tensor.name, strangers))",
                    remedy: remedy)
            }
            guard shape == tensor.shape else {
                throw Failure(.data, "a tensor has another shape", at: location, expected: "\(tensor.shape)", found: "\(shape)", remedy: remedy)
            }
            guard index.isFloat(stored(tensor.name)) else {
                throw Failure(.data, "a tensor is of another type", at: location, expected: "floats", found: "integers", remedy: remedy)
            }
        }
        guard let stranger = strangers.first else { return }
        throw Failure(
            .data, "a tensor belongs to nothing in the description", at: "\(path), tensor \(stranger)", expected: "the \(needed.count) tensors of the described network",
            found: "shape \(index.shape(stored(stranger)) ?? [])", remedy: remedy)
    }

    /// What a missing tensor may be called. Files of other networks have hundreds of names, all of which are compared once.
    private static func nearest(_ name: String, _ strangers: [String]) -> String {
        NearestName.of(name, among: strangers).map { "the nearest is \($0)" } ?? "there is none"
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
