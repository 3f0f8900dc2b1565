import Basics
import Compute
import Safetensors

/// The numbers of one training step.
public struct TrainingMetrics: Sendable {
    public let step: Int
    public let epoch: Double
    public let loss: Float
    public let gradientNorm: Float
    public let learningRate: Float
}

/// Everything a run needs to go on exactly where it was: the model for others to load, the optimizer's memory and
/// the counters.
public struct TrainingState: Sendable {
    /// What is sampled or embedded with, under reference names.
    public var model: [(name: String, tensor: Tensor)]
    /// Raw weights and moments.
    public var optimizer: [(name: String, tensor: Tensor)]
    public var counters: [String: Int]

    public init(
        model: [(name: String, tensor: Tensor)], optimizer: [(name: String, tensor: Tensor)], counters: [String: Int]
    ) {
        self.model = model
        self.optimizer = optimizer
        self.counters = counters
    }
}

/// A training that advances one step at a time; batch n depends on the seed and n alone.
public protocol Trainer: AnyObject {
    var name: String { get }
    /// Steps taken.
    var step: Int { get }
    var totalSteps: Int { get }
    /// - Throws: `Failure` (`diverged`) when the loss or a gradient is not finite; the parameters are unchanged.
    func advance() throws -> TrainingMetrics
    func state() -> TrainingState
    /// - Throws: `Failure` when the tensors or counters are not those of this training.
    func restore(_ state: TrainingState, from location: String) throws
}

/// Parameters and AdamW's memory as tensors and counters, shared by all trainers.
struct OptimizerState {
    let store: ParameterStore
    let parameters: FloatBuffer
    let optimizer: AdamW

    func tensors() -> [(name: String, tensor: Tensor)] {
        [("raw", parameters), ("first_moment", optimizer.firstMoment), ("second_moment", optimizer.secondMoment)]
            .flatMap { prefix, buffer in store.tensors(of: buffer).map { ("\(prefix).\($0.name)", $0.tensor) } }
    }

    func restore(_ tensors: [(name: String, tensor: Tensor)], from location: String) throws {
        for (prefix, buffer) in [
            ("raw.", parameters), ("first_moment.", optimizer.firstMoment), ("second_moment.", optimizer.secondMoment),
        ] {
            let part = tensors.filter { $0.name.hasPrefix(prefix) }
            try store.load(
                Dictionary(part.map { (String($0.name.dropFirst(prefix.count)), $0.tensor) }) { first, _ in first },
                into: buffer, from: location)
        }
    }
}

/// Stops a diverged training before it touches the parameters.
func requireFinite(loss: Float, gradientNorm: Float, gradients: FloatBuffer, store: ParameterStore, step: Int) throws {
    guard !(loss.isFinite && gradientNorm.isFinite) else { return }
    let parameter = store.parameters.first { parameter in
        (0..<parameter.count).contains { !gradients.pointer[parameter.offset + $0].isFinite }
    }
    throw Failure(
        .diverged, "the training diverged", at: "step \(step + 1)", expected: "a finite loss and gradient",
        found: "loss \(loss), gradient norm \(gradientNorm)"
            + (parameter.map { ", first not finite in \($0.name)" } ?? ""),
        remedy: "lower the learning rate or set gradient_clip; the last checkpoint is intact")
}
