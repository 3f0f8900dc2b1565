import Basics

/// Arrays of draws from a named stream.
enum RandomValues {
    static func normal(_ count: Int, _ name: String) -> [Float] {
        var source = RandomSource(Seed(50) / name)
        return (0..<count).map { _ in Float(source.normal()) }
    }

    /// In [-1, 1).
    static func uniform(_ count: Int, _ name: String) -> [Float] {
        var source = RandomSource(Seed(51) / name)
        return (0..<count).map { _ in Float(source.uniform(-1, 1)) }
    }

    /// ±1, ±2 or ±3 times `factor`. Float32 adds and multiplies integers below 2^24 without rounding, and none of
    /// these is 0, so that sums of their products show every product that is missing.
    static func integers(_ count: Int, _ name: String, factor: Float = 1) -> [Float] {
        var source = RandomSource(Seed(52) / name)
        let values: [Float] = [-3, -2, -1, 1, 2, 3].map { $0 * factor }
        return (0..<count).map { _ in values[source.index(below: values.count)] }
    }
}
