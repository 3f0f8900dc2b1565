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
    var parameterCount: Int { get }
    /// - Throws: `Failure` (`diverged`) when the loss or a gradient is not finite; the parameters are unchanged.
    func advance() throws -> TrainingMetrics
    /// The loss of the present weights on demonstrations that are not learned from, always the same part of them under the same
    /// noise; nil where there are none. It changes nothing in the training.
    func heldoutLoss() -> Float?
    func state() -> TrainingState
    /// - Throws: `Failure` when the tensors or counters are not those of this training.
    func restore(_ state: TrainingState, from location: String) throws
}

/// The samples on which a training is measured, in batches of one size. They are the same at every step, so that a curve of
/// them shows the weights and not the draw.
struct HeldoutBatches<Sample> {
    /// At most so many: they take about as long as one step of the training, which also goes back.
    private static var most: Int { 4 }
    private let batches: [[Sample]]

    /// - Parameter samples: fewer than a batch are repeated to fill it.
    init(_ samples: [Sample], size: Int, seed: Seed) {
        guard !samples.isEmpty else {
            batches = []
            return
        }
        var order = SampleOrder(count: samples.count, seed: seed)
        let count = min(Self.most, max(1, samples.count / size))
        batches = (0..<count).map { batch in (0..<size).map { samples[order.sample(at: batch * size + $0)] } }
    }

    /// - Parameter loss: of a batch with its number.
    func mean(_ loss: (_ batch: [Sample], _ number: Int) -> Float) -> Float? {
        batches.isEmpty ? nil : batches.enumerated().reduce(0) { $0 + loss($1.element, $1.offset) } / Float(batches.count)
    }
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
