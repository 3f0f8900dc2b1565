/// How far computed numbers are from the true ones. Infinite when the counts differ or anything is NaN, so that a
/// comparison with a tolerance fails.
public enum Difference {
    /// The largest absolute difference over the largest magnitude of `expected`.
    public static func relative(_ actual: [Float], _ expected: [Float]) -> Float {
        let maximum = expected.reduce(0) { max($0, abs($1)) }
        return largest(actual, expected) { _ in maximum }
    }

    /// The largest difference of any entry, each over its own magnitude or the mean one, whichever is larger: stricter
    /// than `relative` where magnitudes vary.
    public static func elementwise(_ actual: [Float], _ expected: [Float]) -> Float {
        let mean = expected.reduce(0) { $0 + abs($1) } / Float(max(1, expected.count))
        return largest(actual, expected) { max(abs($0), mean) }
    }

    public static func absolute(_ actual: [Float], _ expected: [Float]) -> Float { largest(actual, expected) { _ in 1 } }

    private static func largest(_ actual: [Float], _ expected: [Float], over magnitude: (Float) -> Float) -> Float {
        guard actual.count == expected.count else { return .infinity }
        var worst: Float = 0
        for (a, e) in zip(actual, expected) where a != e {
            let difference = abs(a - e) / magnitude(e)
            worst = difference.isNaN ? .infinity : max(worst, difference)
        }
        return worst
    }
}
