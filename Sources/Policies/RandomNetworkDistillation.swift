import Basics

/// Random network distillation (Burda et al. 2019): a predictor is fitted to a fixed random function of the training
/// observations, and its error tells how new an observation is.
///
/// The target is a random layer of rectified units. The predictor is the ridge regression on other random rectified
/// units, which is fitted in closed form: no learning rate, no stopping time to choose.
public struct RandomNetworkDistillation: Sendable {
    private let width: Int
    private let mean: [Double]
    private let scale: Double
    private let target: RandomLayer
    private let features: RandomLayer
    private let solution: [[Double]]  // [features + 1][outputs]

    private static let outputs = 32
    private static let featureCount = 128
    private static let ridge = 1e-2

    /// - Parameters:
    ///   - rows: training observations [n, width]
    ///   - seed: of both random functions
    public init(rows: [Float], width: Int, seed: Seed) {
        precondition(width > 0 && !rows.isEmpty && rows.count % width == 0, "\(rows.count) values in rows of \(width)")
        self.width = width
        let count = rows.count / width
        let mean = (0..<width).map { column in
            (0..<count).reduce(0.0) { $0 + Double(rows[$1 * width + column]) } / Double(count)
        }
        self.mean = mean
        let variance = rows.indices.reduce(0.0) { $0 + pow2(Double(rows[$1]) - mean[$1 % width]) } / Double(count)
        // Rows of about unit length: directions without variation in training keep the scale of those that have it.
        let scale = variance > 0 ? 1 / variance.squareRoot() : 1
        let target = RandomLayer(inputs: width, outputs: Self.outputs, seed: seed / "target")
        let features = RandomLayer(inputs: width, outputs: Self.featureCount, seed: seed / "predictor")
        (self.scale, self.target, self.features) = (scale, target, features)
        let inputs = (0..<count).map { Self.standardized(rows, $0, mean, scale) }
        solution = RidgeRegression.solve(
            inputs.map { [1] + features($0) }, inputs.map(target.callAsFunction), ridge: Self.ridge)
    }

    /// Mean squared error of the predictor at each row of [n, width].
    public func scores(_ rows: [Float]) -> [Double] {
        (0..<rows.count / width).map { row in
            let input = Self.standardized(rows, row, mean, scale)
            let given = [1] + features(input), wanted = target(input)
            return wanted.indices.reduce(0.0) { sum, output in
                let predicted = given.indices.reduce(0.0) { $0 + given[$1] * solution[$1][output] }
                return sum + pow2(predicted - wanted[output])
            } / Double(wanted.count)
        }
    }

    private static func standardized(_ rows: [Float], _ row: Int, _ mean: [Double], _ scale: Double) -> [Double] {
        mean.indices.map { (Double(rows[row * mean.count + $0]) - mean[$0]) * scale }
    }
}

private func pow2(_ value: Double) -> Double { value * value }

/// max(0, W x + b) with W and b drawn from a seed.
private struct RandomLayer: Sendable {
    let weights: [[Double]]
    let bias: [Double]

    init(inputs: Int, outputs: Int, seed: Seed) {
        var source = RandomSource(seed)
        weights = (0..<outputs).map { _ in (0..<inputs).map { _ in source.normal() } }
        bias = (0..<outputs).map { _ in source.normal() }
    }

    func callAsFunction(_ input: [Double]) -> [Double] {
        weights.indices.map { row in
            max(0, bias[row] + zip(weights[row], input).reduce(0.0) { $0 + $1.0 * $1.1 })
        }
    }
}

/// Least squares with a penalty, by Cholesky's factorization of XᵀX + λI.
enum RidgeRegression {
    /// - Parameters:
    ///   - inputs: [n][p]
    ///   - outputs: [n][q]
    ///   - ridge: λ over the number of rows, above 0
    /// - Returns: coefficients [p][q]
    static func solve(_ inputs: [[Double]], _ outputs: [[Double]], ridge: Double) -> [[Double]] {
        precondition(ridge > 0 && inputs.count == outputs.count, "ridge \(ridge), \(inputs.count) and \(outputs.count) rows")
        let size = inputs[0].count, width = outputs[0].count
        var matrix = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
        var right = [[Double]](repeating: [Double](repeating: 0, count: width), count: size)
        for (input, output) in zip(inputs, outputs) {
            for i in 0..<size {
                for j in 0...i { matrix[i][j] += input[i] * input[j] }
                for j in 0..<width { right[i][j] += input[i] * output[j] }
            }
        }
        for i in 0..<size { matrix[i][i] += ridge * Double(inputs.count) }
        for i in 0..<size {
            for j in 0...i {
                var sum = matrix[i][j]
                for k in 0..<j { sum -= matrix[i][k] * matrix[j][k] }
                matrix[i][j] = i == j ? sum.squareRoot() : sum / matrix[j][j]
            }
        }
        for column in 0..<width {
            for i in 0..<size {
                for k in 0..<i { right[i][column] -= matrix[i][k] * right[k][column] }
                right[i][column] /= matrix[i][i]
            }
            for i in (0..<size).reversed() {
                for k in i + 1..<size { right[i][column] -= matrix[k][i] * right[k][column] }
                right[i][column] /= matrix[i][i]
            }
        }
        return right
    }
}
