import Basics

/// A BatchNorm at inference: an affine map of each channel, which the convolution before it can do itself.
public struct FoldedBatchNorm: Sendable {
    private let factors, offsets: [Double]
    /// Of PyTorch's BatchNorm.
    private static let epsilon = 1e-5

    /// - Parameter location: of the variance
    /// - Throws: `Failure` (`data`) for a variance below 0.
    public init(weight: [Float], bias: [Float], mean: [Float], variance: [Float], at location: String, remedy: String) throws {
        if let channel = variance.firstIndex(where: { $0 < 0 }) {
            throw Failure(
                .data, "a variance is below 0", at: location, expected: "0 or more", found: "\(variance[channel]) at index \(channel)", remedy: remedy)
        }
        let factors = zip(weight, variance).map { Double($0) / (Double($1) + Self.epsilon).squareRoot() }
        self.factors = factors
        offsets = bias.indices.map { Double(bias[$0]) - Double(mean[$0]) * factors[$0] }
    }

    /// w' = w γ / √(σ² + ε), in double precision; channels first.
    public func weight(_ values: [Float]) -> [Float] {
        let size = values.count / factors.count
        return values.indices.map { Float(Double(values[$0]) * factors[$0 / size]) }
    }

    /// b' = β - μ γ / √(σ² + ε)
    public var bias: [Float] { offsets.map { Float($0) } }
}
