import Foundation

/// Sinusoidal embedding of the diffusion step: [B] -> [B, D], sines then cosines, exponent -ln(10000) / (D/2 - 1)
/// (diffusion_policy `SinusoidalPosEmb`). Steps are data: no gradient flows to them.
public struct StepEmbeddingOperation: Operation {
    public let name = "step_embedding"
    public let backwardReads: BackwardReads = []
    let dimension: Int
    private let frequencies: [Float]

    public init(dimension: Int) {
        precondition(dimension >= 4 && dimension % 2 == 0, "embedding dimension \(dimension) must be even and at least 4")
        self.dimension = dimension
        let half = dimension / 2
        frequencies = (0..<half).map { Float(Foundation.exp(-Foundation.log(10000.0) / Double(half - 1) * Double($0))) }
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].rank == 1, "\(name): \(inputs[0])")
        return [inputs[0][0], dimension]
    }

    public func forward(_ step: ForwardStep) {
        let half = dimension / 2
        for b in step.member.share(of: step.outputShape[0]) {
            let y = step.output + b * dimension
            for i in 0..<half {
                let angle = step.input(0)[b] * frequencies[i]
                y[i] = Foundation.sin(angle)
                y[half + i] = Foundation.cos(angle)
            }
        }
    }

    public func backward(_ step: BackwardStep) {}
}
