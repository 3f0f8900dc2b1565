import Basics
import Foundation

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
