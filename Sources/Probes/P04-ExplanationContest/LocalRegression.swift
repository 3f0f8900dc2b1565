import Foundation

/// Local linear regression with a ridge on the k nearest training windows, in its dual form: a prediction is the mean
/// chunk plus Σ v_i (a_i - mean), with (G + λI) v = g, G the Gram matrix of the neighbours centred on their mean and
/// g their products with the centred query.
///
/// The dual solution lies in the span of the neighbours, so that a space wider than k needs no projection of its own;
/// what the query has outside that span is ignored. λ = 0.1 trace(G) / k. G and g follow from squared distances (Gower
/// 1966).
enum LocalRegression {
    static let neighbours = 30
    static let ridge = 0.1

    /// Weights of the neighbours' chunks, summing to 1.
    /// - Parameters:
    ///   - squared: squared distances of the query to its neighbours. [k]
    ///   - between: squared distances between the neighbours. [k][k]
    static func weights(squared: [Double], between: [[Double]]) -> [Double] {
        let count = squared.count
        precondition(count > 0 && between.count == count, "\(count) neighbours, \(between.count) rows of distances")
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(count) }
        let rowMeans = between.map(mean)
        let overall = mean(rowMeans)
        let queryMean = mean(squared)
        var gram = (0..<count).map { i in
            (0..<count).map { j in -0.5 * (between[i][j] - rowMeans[i] - rowMeans[j] + overall) }
        }
        let products = (0..<count).map { -0.5 * (squared[$0] - queryMean - rowMeans[$0] + overall) }
        let trace = (0..<count).reduce(0) { $0 + gram[$1][$1] }
        let uniform = [Double](repeating: 1 / Double(count), count: count)
        guard trace > 0 else { return uniform }
        for index in 0..<count { gram[index][index] += ridge * trace / Double(count) }
        let solution = solve(gram, products)
        let sum = mean(solution)
        return solution.map { $0 - sum + 1 / Double(count) }
    }

    /// Solves a symmetric positive definite system by Cholesky factors.
    private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        let count = right.count
        var factor = matrix
        var solution = right
        for row in 0..<count {
            for column in 0...row {
                var sum = matrix[row][column]
                for inner in 0..<column { sum -= factor[row][inner] * factor[column][inner] }
                factor[row][column] =
                    row == column ? max(sum, .leastNormalMagnitude).squareRoot() : sum / factor[column][column]
            }
            for inner in 0..<row { solution[row] -= factor[row][inner] * solution[inner] }
            solution[row] /= factor[row][row]
        }
        for row in stride(from: count - 1, through: 0, by: -1) {
            for inner in row + 1..<count { solution[row] -= factor[inner][row] * solution[inner] }
            solution[row] /= factor[row][row]
        }
        return solution
    }
}
