import Basics
import Foundation

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019; PyTorch `optim.AdamW`, ε = 1e-8).
public final class AdamW {
    public struct Configuration: Sendable, Equatable {
        public var learningRate: Float
        public var beta1: Float
        public var beta2: Float
        public var weightDecay: Float
        public var epsilon: Float = 1e-8

        public init(learningRate: Float = 1e-4, beta1: Float = 0.9, beta2: Float = 0.999, weightDecay: Float = 0) {
            self.learningRate = learningRate
            self.beta1 = beta1
            self.beta2 = beta2
            self.weightDecay = weightDecay
        }
    }

    public let configuration: Configuration
    /// Running means of the gradient and of its square, in the layout of the parameters.
    public let firstMoment: FloatBuffer
    public let secondMoment: FloatBuffer
    /// Steps taken; saved with the moments.
    public var stepCount = 0

    public init(_ configuration: Configuration, count: Int) {
        self.configuration = configuration
        firstMoment = FloatBuffer(count: count)
        secondMoment = FloatBuffer(count: count)
    }

    /// One step on `parameters`.
    /// - Parameter factor: multiplies the learning rate, see `LearningRateSchedule`.
    public func step(parameters: FloatBuffer, gradients: FloatBuffer, factor: Float, pool: WorkerPool) {
        stepCount += 1
        let c = configuration
        let rate = c.learningRate * factor
        let correction1 = 1 - pow(Double(c.beta1), Double(stepCount))
        let correction2 = 1 - pow(Double(c.beta2), Double(stepCount))
        let stepSize = Float(Double(rate) / correction1), root2 = Float(correction2.squareRoot())
        let decay = 1 - rate * c.weightDecay
        let m = firstMoment, v = secondMoment
        pool.run(count: parameters.count, grain: 1 << 16) { range in
            let p = parameters.pointer + range.lowerBound, g = gradients.pointer + range.lowerBound
            let m = m.pointer + range.lowerBound, v = v.pointer + range.lowerBound
            for i in stride(from: 0, to: range.count, by: 16) {
                let gradient = Float16Lanes.load(g + i), count = range.count - i
                let first = Float16Lanes.load(m + i) + (1 - c.beta1) * (gradient - Float16Lanes.load(m + i))
                let second = c.beta2 * Float16Lanes.load(v + i) + (1 - c.beta2) * gradient * gradient
                let step = stepSize * first / (second.squareRoot() / root2 + c.epsilon)
                first.store(to: m + i, count: count, adding: false)
                second.store(to: v + i, count: count, adding: false)
                (Float16Lanes.load(p + i) * decay - step).store(to: p + i, count: count, adding: false)
            }
        }
    }
}

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

/// Exponential moving average of the parameters with a decay that grows with the step count:
/// 1 - (1 + n)^-power, at most `maximum` (diffusion_policy `EMAModel`, inverse gamma 1).
public final class EMA {
    public let average: FloatBuffer
    public let power: Double
    public let maximum: Double
    /// Updates so far. Saved with the average: a count that restarts at 0 would overwrite the average on resuming.
    public var stepCount = 0

    public init(parameters: FloatBuffer, power: Double, maximum: Double) {
        average = FloatBuffer(count: parameters.count)
        average.copy(from: parameters)
        self.power = power
        self.maximum = maximum
    }

    /// The decay of the next update: 0 for the first two, so that the average starts from trained weights.
    public var decay: Float {
        let n = stepCount - 1
        guard n > 0 else { return 0 }
        return Float(min(maximum, 1 - pow(1 + Double(n), -power)))
    }

    public func update(parameters: FloatBuffer, pool: WorkerPool) {
        let decay = decay, average = average
        pool.run(count: parameters.count, grain: 1 << 16) { range in
            let a = average.pointer + range.lowerBound, p = parameters.pointer + range.lowerBound
            for i in 0..<range.count { a[i] = decay * a[i] + (1 - decay) * p[i] }
        }
        stepCount += 1
    }
}
