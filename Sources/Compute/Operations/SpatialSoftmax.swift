/// Expected image position of each channel's softmax (Levine et al. 2016; robomimic `SpatialSoftmax`, temperature 1).
///
/// x [B, H, W, K] -> [B, 2 K], keypoint after keypoint as (x, y) in [-1, 1], x to the right, y downwards.
public struct SpatialSoftmaxOperation: Operation {
    public let name = "spatial_softmax"
    public let backwardReads: BackwardReads = .output
    public init() {}

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].rank == 4, "\(name): \(inputs[0])")
        precondition(inputs[0][1] > 1 && inputs[0][2] > 1, "\(name) needs at least 2 x 2 positions: \(inputs[0])")
        return [inputs[0][0], 2 * inputs[0].last]
    }

    /// The probabilities [B, H, W, K].
    public func savedCount(_ inputs: [Shape]) -> Int { inputs[0].count }
    public func scratchCount(_ inputs: [Shape]) -> Int { 2 * inputs[0].last }
    public func flops(_ inputs: [Shape]) -> Int { 14 * inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let shape = step.inputShapes[0], height = shape[1], width = shape[2], keypoints = shape.last
        let positions = height * width
        let maximum = step.scratch, sum = maximum + keypoints
        for b in step.part.range(of: shape[0]) {
            let x = step.input(0) + b * positions * keypoints
            let p = step.saved + b * positions * keypoints, y = step.output + b * 2 * keypoints
            maximum.update(from: x, count: keypoints)
            for i in 1..<positions {
                let row = x + i * keypoints
                for k in 0..<keypoints { maximum[k] = max(maximum[k], row[k]) }
            }
            sum.update(repeating: 0, count: keypoints)
            for i in 0..<positions {
                let row = x + i * keypoints, out = p + i * keypoints
                for k in 0..<keypoints {
                    out[k] = Vector.exp(row[k] - maximum[k])
                    sum[k] += out[k]
                }
            }
            for k in 0..<keypoints { sum[k] = 1 / sum[k] }
            y.update(repeating: 0, count: 2 * keypoints)
            for i in 0..<positions {
                let (gridX, gridY) = position(i, height: height, width: width)
                let out = p + i * keypoints
                for k in 0..<keypoints {
                    out[k] *= sum[k]
                    y[2 * k] += out[k] * gridX
                    y[2 * k + 1] += out[k] * gridY
                }
            }
        }
    }

    public func backward(_ step: BackwardStep) {
        guard let inputGradient = step.inputGradient(0) else { return }
        let shape = step.inputShapes[0], height = shape[1], width = shape[2], keypoints = shape.last
        let positions = height * width
        for b in step.part.range(of: shape[0]) {
            let p = step.saved + b * positions * keypoints, dx = inputGradient + b * positions * keypoints
            let y = step.output + b * 2 * keypoints, dy = step.outputGradient + b * 2 * keypoints
            // d/dx_i = p_i (g · position_i - g · expected position)
            let expected = step.scratch
            for k in 0..<keypoints { expected[k] = y[2 * k] * dy[2 * k] + y[2 * k + 1] * dy[2 * k + 1] }
            for i in 0..<positions {
                let (gridX, gridY) = position(i, height: height, width: width)
                let row = p + i * keypoints, out = dx + i * keypoints
                for k in 0..<keypoints {
                    out[k] += row[k] * (gridX * dy[2 * k] + gridY * dy[2 * k + 1] - expected[k])
                }
            }
        }
    }

    @inline(__always)
    private func position(_ index: Int, height: Int, width: Int) -> (x: Float, y: Float) {
        (
            2 * Float(index % width) / Float(width - 1) - 1,
            2 * Float(index / width) / Float(height - 1) - 1
        )
    }
}
