import Foundation

/// The factor on the learning rate at a step: linear warm-up from 0, then half a cosine down to 0
/// (diffusers `get_cosine_schedule_with_warmup`), or constant.
public enum LearningRateSchedule: Sendable, Equatable {
    case constant
    case cosine(warmupSteps: Int, totalSteps: Int)

    /// - Parameter step: 0 for the first step, as in PyTorch's `LambdaLR`.
    public func factor(at step: Int) -> Float {
        switch self {
        case .constant: return 1
        case .cosine(let warmup, let total):
            if step < warmup { return Float(step) / Float(max(1, warmup)) }
            let progress = Double(step - warmup) / Double(max(1, total - warmup))
            return Float(max(0, 0.5 * (1 + Foundation.cos(Double.pi * progress))))
        }
    }
}
