/// How far computed numbers are from the true ones. Infinite when the counts differ or anything is NaN, so that a
/// comparison with a tolerance fails.
public enum Difference {
    /// Where two long arrays differ first, in a line; nil when they are equal. `#expect` prints both arrays, for minutes.
    public static func first<Element: Equatable>(_ actual: [Element], _ expected: [Element]) -> String? {
        guard actual.count == expected.count else { return "\(actual.count) entries instead of \(expected.count)" }
        return actual.indices.first { actual[$0] != expected[$0] }.map {
            "entry \($0) of \(actual.count): \(actual[$0]) instead of \(expected[$0])"
        }
    }

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

    /// The tensors further from the expected ones than `tolerance`, relative to their own largest magnitude; those in
    /// `zeros`, whose true value is zero everywhere, relative to the largest magnitude of all.
    public static func disagreements(
        _ tensors: [(name: String, values: [Float])], zeros: Set<String>, tolerance: Float,
        expected: (_ name: String) throws -> [Float]
    ) rethrows -> [String] {
        let maximum = tensors.reduce(0) { $1.values.reduce($0) { max($0, abs($1)) } }
        return try tensors.compactMap { name, values in
            let truth = try expected(name)
            let difference = zeros.contains(name) ? absolute(values, truth) / maximum : relative(values, truth)
            return difference <= tolerance ? nil : "\(name): \(difference)"
        }
    }

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
