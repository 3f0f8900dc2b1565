import Compute

/// How far an answer is from what it should be.
public enum TrainingLoss: Sendable {
    /// The mean over entries of the squared, or the absolute, difference.
    case squared, absolute

    var operation: any Operation {
        switch self {
        case .squared: MeanSquaredErrorOperation()
        case .absolute: MeanAbsoluteErrorOperation()
        }
    }
}

/// A network from observations to action sequences, as its training sees it: one encoder for each camera's picture, which runs
/// picture by picture, and a trunk that reads what all of them and the low-dim values say, its condition, over a whole batch.
public protocol SequenceNetwork: AnyObject {
    /// Sizes of pictures, condition and actions; `encoder.features` is how many numbers an encoder makes of a picture.
    var configuration: DiffusionNetworkConfiguration { get }
    /// Parameters of the encoders first.
    var store: ParameterStore { get }
    /// One camera's encoder.
    func encoderPlan(camera: Int, for purpose: Graph.Purpose) -> EncoderPlan
    /// The trunk with its loss, over a batch of B samples. A network that generates nothing does not read `sample` and `step`.
    func trainingPlan(batch: Int, loss: TrainingLoss) -> DiffusionNetwork.TrainingPlan
}

extension DiffusionNetwork: SequenceNetwork {}
