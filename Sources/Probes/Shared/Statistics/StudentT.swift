/// The mean of few independent values with Student's 95 % interval (Student 1908).
public enum StudentT {
    /// Without an interval for one value, and without a value for none.
    public static func estimate(_ values: [Double]) -> Estimate {
        guard !values.isEmpty else { return Estimate(value: nil) }
        let count = Double(values.count), mean = values.reduce(0, +) / count
        guard values.count > 1 else { return Estimate(value: mean) }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        let half = quantile(degrees: values.count - 1) * (variance / count).squareRoot()
        return Estimate(value: mean, low: mean - half, high: mean + half)
    }

    /// The 0.975 quantile at `degrees` of freedom: tabulated up to 30, above by Cornish and Fisher's expansion, which is within 1e-4.
    static func quantile(degrees: Int) -> Double {
        precondition(degrees > 0, "\(degrees) degrees of freedom")
        if degrees <= tabulated.count { return tabulated[degrees - 1] }
        let z = NormalQuantile.p975, n = Double(degrees)
        return z + (z * z * z + z) / (4 * n) + (5 * z * z * z * z * z + 16 * z * z * z + 3 * z) / (96 * n * n)
    }

    private static let tabulated = [
        12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139, 2.200985, 2.178813, 2.160369,
        2.144787, 2.13145, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963, 2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529,
        2.051831, 2.048407, 2.04523, 2.042272,
    ]
}
