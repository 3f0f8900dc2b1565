/// Group normalisation written as its definition, in double precision: what the fast kernel is compared with.
///
/// Activations are applied and differentiated outside; see `GroupNormOperation`.
public struct GroupNormReference: Sendable {
    private let batch, positions, channels, groupCount: Int
    private static let epsilon = 1e-5

    /// - Parameter input: [B, ..., C]
    public init(input: Shape, groupCount: Int) {
        (batch, channels, self.groupCount) = (input[0], input.last, groupCount)
        positions = input.rows / input[0]
    }

    /// γ x̂ + β.
    public func output(input: [Float], weight: [Float], bias: [Float]) -> [Float] {
        normalised(input).values.enumerated().map { index, value in
            Float(Double(weight[index % channels]) * value + Double(bias[index % channels]))
        }
    }

    /// Gradients of Σ gradient · output.
    public func gradients(
        input: [Float], weight: [Float], outputGradient: [Float]
    ) -> (input: [Float], weight: [Float], bias: [Float]) {
        let (normal, reciprocals) = normalised(input)
        var weightSums = [Double](repeating: 0, count: channels), biasSums = weightSums
        var result = [Float](repeating: 0, count: input.count)
        for index in input.indices {
            weightSums[index % channels] += Double(outputGradient[index]) * normal[index]
            biasSums[index % channels] += Double(outputGradient[index])
        }
        forEachGroup { indices, group in
            let scaled = indices.map { Double(weight[$0 % channels]) * Double(outputGradient[$0]) }
            let mean = scaled.reduce(0, +) / Double(indices.count)
            let along = zip(indices, scaled).reduce(0) { $0 + normal[$1.0] * $1.1 } / Double(indices.count)
            for (index, value) in zip(indices, scaled) {
                result[index] = Float(reciprocals[group] * (value - mean - normal[index] * along))
            }
        }
        return (result, weightSums.map(Float.init), biasSums.map(Float.init))
    }

    /// x̂ and, by group, 1 / sqrt(variance + ε).
    private func normalised(_ input: [Float]) -> (values: [Double], reciprocals: [Double]) {
        var values = [Double](repeating: 0, count: input.count), reciprocals: [Double] = []
        forEachGroup { indices, _ in
            let mean = indices.reduce(0) { $0 + Double(input[$1]) } / Double(indices.count)
            let variance = indices.reduce(0) { $0 + (Double(input[$1]) - mean) * (Double(input[$1]) - mean) }
            let reciprocal = 1 / (variance / Double(indices.count) + Self.epsilon).squareRoot()
            for index in indices { values[index] = (Double(input[index]) - mean) * reciprocal }
            reciprocals.append(reciprocal)
        }
        return (values, reciprocals)
    }

    private func forEachGroup(_ body: (_ indices: [Int], _ group: Int) -> Void) {
        let size = channels / groupCount
        for group in 0..<batch * groupCount {
            let image = group / groupCount, first = group % groupCount * size
            body(
                (0..<positions).flatMap { position in
                    (first..<first + size).map { (image * positions + position) * channels + $0 }
                }, group)
        }
    }
}
