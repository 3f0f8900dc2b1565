import Basics
import Safetensors

/// Where one parameter lies in the flat buffer of its store.
public struct Parameter: Sendable, Equatable {
    public let name: String
    /// The shape PyTorch gives this parameter.
    public let shape: [Int]
    public let offset: Int
    public let initialization: Initialization
    public let packing: Packing
    /// Where its panels lie in `Weights.forward` and `Weights.adjoint`.
    let forwardOffset, adjointOffset: Int
    public var count: Int { shape.reduce(1, *) }

    /// How products read the parameter, see `Weights`.
    public enum Packing: Sendable, Equatable {
        /// A matrix [O, I] or a kernel [O, I, ...]; a vector is not packed.
        case products
        /// A kernel whose axis 0 counts inputs [I, O, k], as in a transposed convolution.
        case transposedProducts
        /// A kernel [O, I, 3, 3], transformed: see `WinogradTransforms`.
        case winograd
    }

    public enum Initialization: Sendable, Equatable {
        case constant(Float)
        /// Uniform in [-bound, bound]; PyTorch's default for linear and convolution layers has
        /// bound 1 / sqrt(fan in) for weight and bias alike.
        case uniform(bound: Float)
    }

    /// Weights of convolutions, rank 3 and more, are kept with axis 1 moved to the end ([O, I, k] becomes
    /// [O, k, I]), to match activations with channels last.
    var isChannelsLast: Bool { shape.count >= 3 }
}

/// The ordered names, shapes and offsets of a network's parameters over ONE flat buffer.
///
/// Gradients, Adam moments and the EMA copy are buffers of the same layout, so that the optimizer, EMA,
/// saving and comparing are single loops.
public final class ParameterStore {
    public private(set) var parameters: [Parameter] = []
    public private(set) var count = 0
    private(set) var forwardCount = 0, adjointCount = 0
    private var indexByName: [String: Int] = [:]

    public init() {}

    /// Adds a parameter behind those already there.
    /// - Parameters:
    ///   - name: the key in PyTorch's state_dict; must be new.
    ///   - packing: what the operation that reads it asks for
    public func add(
        _ name: String, _ shape: [Int], _ initialization: Parameter.Initialization,
        packing: Parameter.Packing = .products
    ) -> Parameter {
        precondition(indexByName[name] == nil, "parameter \(name) exists already")
        let parameter = Parameter(
            name: name, shape: shape, offset: count, initialization: initialization, packing: packing,
            forwardOffset: forwardCount, adjointOffset: adjointCount)
        indexByName[name] = parameters.count
        parameters.append(parameter)
        count += parameter.count
        if parameter.isMatrix {
            forwardCount += parameter.packedMatrices * parameter.forwardPanels.count
            adjointCount += parameter.packedMatrices * parameter.adjointPanels.count
        }
        return parameter
    }

    public subscript(name: String) -> Parameter? { indexByName[name].map { parameters[$0] } }

    /// A buffer of this layout holding zeros.
    public func makeBuffer() -> FloatBuffer { FloatBuffer(count: count) }

    /// A buffer with every parameter drawn from its own substream of `seed`, named like the parameter.
    public func makeInitialized(_ seed: Seed) -> FloatBuffer {
        let buffer = makeBuffer()
        for parameter in parameters {
            let values = UnsafeMutableBufferPointer(start: buffer.pointer + parameter.offset, count: parameter.count)
            switch parameter.initialization {
            case .constant(let value): values.update(repeating: value)
            case .uniform(let bound):
                var random = RandomSource(seed / parameter.name)
                for i in values.indices { values[i] = Float(random.uniform(-Double(bound), Double(bound))) }
            }
        }
        return buffer
    }

    /// The parameters under their names in PyTorch's layout.
    public func tensors(of buffer: FloatBuffer) -> [(name: String, tensor: Tensor)] {
        precondition(buffer.count == count, "buffer of \(buffer.count) floats for \(count) parameters")
        return parameters.map { parameter in
            let stored = Array(UnsafeBufferPointer(start: buffer.pointer + parameter.offset, count: parameter.count))
            return (parameter.name, Tensor(shape: parameter.shape, values: Self.reordered(stored, of: parameter, toStorage: false)))
        }
    }

    /// Fills `buffer` from tensors in PyTorch's layout.
    /// - Throws: `Failure` when a parameter is missing, has another shape, or a tensor has no parameter.
    public func load(_ tensors: [String: Tensor], into buffer: FloatBuffer, from location: String) throws {
        precondition(buffer.count == count, "buffer of \(buffer.count) floats for \(count) parameters")
        if let stranger = tensors.keys.filter({ self[$0] == nil }).min() {
            throw Failure(
                .data, "the file holds a parameter that this network does not have", at: "\(location): \(stranger)",
                expected: "the \(parameters.count) parameters of the configured network", found: "\(tensors.count) parameters",
                remedy: "use the configuration the file was written with")
        }
        for parameter in parameters {
            guard let tensor = tensors[parameter.name] else {
                throw Failure(
                    .data, "a parameter is missing from the file", at: "\(location): \(parameter.name)",
                    expected: "shape \(parameter.shape)", remedy: "use the configuration the file was written with")
            }
            guard tensor.shape == parameter.shape else {
                throw Failure(
                    .data, "a parameter has another shape", at: "\(location): \(parameter.name)",
                    expected: "\(parameter.shape)", found: "\(tensor.shape)",
                    remedy: "use the configuration the file was written with")
            }
            set(parameter, to: tensor.values, in: buffer)
        }
    }

    /// Fills one parameter of `buffer` with values in PyTorch's layout: for networks too large to be read at once.
    public func set(_ parameter: Parameter, to values: [Float], in buffer: FloatBuffer) {
        precondition(buffer.count == count, "buffer of \(buffer.count) floats for \(count) parameters")
        precondition(values.count == parameter.count, "\(values.count) values for \(parameter.name) of \(parameter.shape)")
        let stored = Self.reordered(values, of: parameter, toStorage: true)
        (buffer.pointer + parameter.offset).update(from: stored, count: stored.count)
    }

    /// Moves axis 1 to the end (`toStorage`) or back.
    private static func reordered(_ values: [Float], of parameter: Parameter, toStorage: Bool) -> [Float] {
        guard parameter.isChannelsLast else { return values }
        let outer = parameter.shape[0], channels = parameter.shape[1]
        let positions = parameter.count / (outer * channels)
        var result = [Float](repeating: 0, count: values.count)
        for o in 0..<outer {
            for c in 0..<channels {
                for p in 0..<positions {
                    let torch = (o * channels + c) * positions + p, stored = (o * positions + p) * channels + c
                    if toStorage { result[stored] = values[torch] } else { result[torch] = values[stored] }
                }
            }
        }
        return result
    }
}

/// Sums and norms over gradient buffers, in an order that does not depend on the number of workers.
public enum Gradients {
    /// gradients[start...] += Σ lanes, added in lane order.
    public static func add(_ lanes: [FloatBuffer], to gradients: FloatBuffer, at start: Int, pool: WorkerPool) {
        guard let first = lanes.first else { return }
        precondition(start + first.count <= gradients.count, "\(first.count) from \(start) of \(gradients.count)")
        pool.run(count: first.count, grain: 1 << 14) { range in
            for lane in lanes {
                Vector.add(
                    lane.pointer + range.lowerBound, to: gradients.pointer + start + range.lowerBound, count: range.count)
            }
        }
    }

    /// The Euclidean norm; NaN or infinite when any entry is.
    public static func norm(_ gradients: FloatBuffer) -> Float {
        var sum = 0.0
        for start in stride(from: 0, to: gradients.count, by: 1 << 12) {
            let part = gradients.pointer + start
            sum += Double(Vector.dot(part, part, count: min(1 << 12, gradients.count - start)))
        }
        return Float(sum.squareRoot())
    }

    /// Scales to the given norm when larger (PyTorch `clip_grad_norm_`).
    public static func clip(_ gradients: FloatBuffer, norm: Float, to maximum: Float) {
        guard norm > maximum else { return }
        let factor = maximum / (norm + 1e-6)
        for i in 0..<gradients.count { gradients.pointer[i] *= factor }
    }
}
