import Basics
import Foundation
import Networks

/// The mean of the clean chunk behind x = a a_i + b ε, where a_i is of a finite set of chunks: D(x, t) = Σ w_i a_i with
/// log w_i = -‖x - a a_i‖² / 2b² - d_i² / 2h² + constant.
///
/// Without the second term this is what the minimiser of a generative loss over the set says of x: of DDPM's with a² = ᾱ,
/// b² = 1 - ᾱ (Karras et al. 2022, appendix B.3), of flow matching's with a = s, b = 1 - s, whose velocity is
/// (D - x) / (1 - s); `GenerativeProcess.answer` makes the network's answer of it.
/// d_i is the distance of the observation to that of chunk i and h a bandwidth: h → 0 knows only the nearest
/// observation, h = ∞ does not look at the observation at all. Units are those of the chunks, unscaled: the loss is
/// taken in the policy's normalised units.
public struct ExactDenoiser: Sendable {
    private let table: RowVectors  // [n, H * D]
    public var count: Int { table.count }
    public var width: Int { table.width }

    /// - Parameter chunks: [n, width], at least one.
    public init(chunks: [Float], width: Int) {
        precondition(!chunks.isEmpty, "no chunks of \(width) values")
        table = RowVectors(values: chunks, width: width)
    }

    /// The clean chunk [width] expected behind `noisy` [width].
    /// - Parameters:
    ///   - mixture: a and b; b is above 0.
    ///   - squaredObservationDistances: d_i² by chunk; nil is the unconditional denoiser.
    ///   - bandwidth: h in the units of d; 0 admits only the nearest observations, infinity all alike.
    public func clean(
        _ noisy: [Float], mixture: Mixture, squaredObservationDistances: [Float]?, bandwidth: Double
    ) -> [Float] {
        mean(
            weights: weights(
                noisy, mixture: mixture, squaredObservationDistances: squaredObservationDistances,
                bandwidth: bandwidth))
    }

    /// w_i by chunk, summing to 1; parameters as in `clean`.
    public func weights(
        _ noisy: [Float], mixture: Mixture, squaredObservationDistances: [Float]?, bandwidth: Double
    ) -> [Double] {
        weights(
            logLikelihoods: logLikelihoods(noisy, mixture: mixture),
            squaredObservationDistances: squaredObservationDistances, bandwidth: bandwidth)
    }

    /// -‖x - a a_i‖² / 2b² by chunk: the part of log w_i that does not depend on the bandwidth.
    public func logLikelihoods(_ noisy: [Float], mixture: Mixture) -> [Double] {
        precondition(mixture.noiseVariance > 0, "a mixture without noise: \(mixture)")
        precondition(noisy.count == width, "\(noisy.count) values for chunks of \(width)")
        let asked = RowVectors(values: noisy, width: width)
        let share = mixture.data
        let stride = table.stride
        return table.words.withUnsafeBufferPointer { chunks in
            asked.words.withUnsafeBufferPointer { asked in
                (0..<count).map { index in
                    var sums = SIMD16<Float>.zero
                    for word in 0..<stride {
                        let difference = asked[word] - chunks[index * stride + word] * share
                        sums += difference * difference
                    }
                    return -Double(sums.sum()) / (2 * mixture.noiseVariance)
                }
            }
        }
    }

    /// w_i from `logLikelihoods`, for many bandwidths at the same x_t.
    public func weights(
        logLikelihoods: [Double], squaredObservationDistances: [Float]?, bandwidth: Double
    ) -> [Double] {
        precondition(bandwidth >= 0, "bandwidth \(bandwidth)")
        precondition(
            (squaredObservationDistances?.count ?? count) == count && logLikelihoods.count == count,
            "\(squaredObservationDistances?.count ?? count) distances, \(logLikelihoods.count) terms, \(count) chunks")
        var logs = logLikelihoods
        if let squared = squaredObservationDistances, bandwidth.isFinite, let nearest = squared.min() {
            let precision = 1 / (2 * bandwidth * bandwidth)
            for index in logs.indices where squared[index] > nearest {
                logs[index] -= Double(squared[index] - nearest) * precision
            }
        }
        let largest = logs.max() ?? 0
        var total = 0.0
        for index in logs.indices {
            // Below exp(-30) a chunk adds nothing that a float could show.
            let relative = logs[index] - largest
            logs[index] = relative > -30 ? exp(relative) : 0
            total += logs[index]
        }
        let normalization = 1 / total
        for index in logs.indices { logs[index] *= normalization }
        return logs
    }

    /// Σ w_i a_i.
    public func mean(weights: [Double]) -> [Float] {
        precondition(weights.count == count, "\(weights.count) weights for \(count) chunks")
        let stride = table.stride
        var sums = [SIMD16<Float>](repeating: .zero, count: stride)
        table.words.withUnsafeBufferPointer { chunks in
            sums.withUnsafeMutableBufferPointer { sums in
                for index in weights.indices where weights[index] > 0 {
                    let weight = Float(weights[index])
                    for word in 0..<stride { sums[word] += chunks[index * stride + word] * weight }
                }
            }
        }
        return (0..<width).map { sums[$0 / 16][$0 % 16] }
    }
}
