import Foundation

/// Success of two policies on the same n starts, one trial of each per start: the paired 2 × 2 table and what a fixed
/// number of trials tells about the difference of the two success probabilities.
public struct PairedSuccess: Sendable, Equatable {
    /// Starts n.
    public let count: Int
    /// Starts on which both succeed.
    public let both: Int
    /// Starts on which only the first policy succeeds, b.
    public let onlyFirst: Int
    /// Starts on which only the second policy succeeds, c.
    public let onlySecond: Int

    /// - Precondition: no count is negative and at least one is positive.
    public init(both: Int, onlyFirst: Int, onlySecond: Int, neither: Int) {
        let counts = [both, onlyFirst, onlySecond, neither]
        count = counts.reduce(0, +)
        precondition(counts.allSatisfy { $0 >= 0 } && count > 0, "paired outcomes \(counts)")
        self.both = both
        self.onlyFirst = onlyFirst
        self.onlySecond = onlySecond
    }

    /// From the outcomes of both policies on the same starts. [n] each
    public init(first: [Bool], second: [Bool]) {
        precondition(first.count == second.count, "\(first.count) outcomes paired with \(second.count)")
        let pairs = zip(first, second)
        self.init(
            both: pairs.count { $0 && $1 }, onlyFirst: pairs.count { $0 && !$1 }, onlySecond: pairs.count { !$0 && $1 },
            neither: pairs.count { !$0 && !$1 })
    }

    public var successesFirst: Int { both + onlyFirst }
    public var successesSecond: Int { both + onlySecond }
    /// Share of starts on which exactly one policy succeeds, (b + c) / n.
    public var discordantRate: Double { Double(onlyFirst + onlySecond) / Double(count) }
    /// Success of the first minus success of the second, (b - c) / n.
    public var difference: Double { Double(onlyFirst - onlySecond) / Double(count) }

    /// Two-sided p of McNemar's exact test (McNemar 1947): twice the lower tail of Binomial(b + c, 1/2) at min(b, c), at
    /// most 1.
    public var mcNemarP: Double {
        let trials = onlyFirst + onlySecond
        // Logarithms, because 2^-1075 is 0.
        var logTerm = -Double(trials) * log(2.0)
        var tail = 0.0
        for successes in 0...min(onlyFirst, onlySecond) {
            tail += exp(logTerm)
            logTerm += log(Double(trials - successes) / Double(successes + 1))
        }
        return min(1, 2 * tail)
    }

    /// The difference with its 90 % score interval of Tango (1998). Within ± a margin, it is two one-sided tests at 5 %.
    public var interval90: Estimate { tangoInterval(z: NormalQuantile.p95) }
    /// The difference with its 95 % score interval of Tango (1998).
    public var interval95: Estimate { tangoInterval(z: NormalQuantile.p975) }
}

// MARK: - Tango's interval

extension PairedSuccess {
    /// All differences δ that the score test does not reject: |b - c - nδ| ≤ z √(n (2 q + δ - δ²)), where q is the
    /// likelihood's estimate of P(only the second succeeds) when the difference is δ (Tango 1998, Statistics in Medicine 17,
    /// 891-908, section 4).
    private func tangoInterval(z: Double) -> Estimate {
        let (b, c) = (Double(onlyFirst), Double(onlySecond))
        // The upper end is the lower end of the second minus the first.
        return Estimate(value: difference, low: lowerEnd(b, c, z), high: -lowerEnd(c, b, z))
    }

    /// The smallest δ that is not rejected. The test statistic falls from δ = -1 to (b - c) / n, where it is 0. Compared
    /// without a division, it needs no care where the variance is 0.
    private func lowerEnd(_ b: Double, _ c: Double, _ z: Double) -> Double {
        let n = Double(count)
        func isRejected(_ delta: Double) -> Bool { b - c - n * delta > z * (n * variance(b, c, delta)).squareRoot() }
        var (rejected, kept) = (-1.0, (b - c) / n)
        guard isRejected(rejected) else { return rejected }
        // Until no number lies between the two, about 60 halvings.
        while case let middle = (rejected + kept) / 2, rejected < middle, middle < kept {
            if isRejected(middle) { rejected = middle } else { kept = middle }
        }
        return kept
    }

    /// Variance of one pair's difference when its mean is `delta`, 2 q + δ - δ² with q the root of 2n q² + B q + C = 0,
    /// B = (2n - b + c) δ - b - c, C = -c δ (1 - δ).
    private func variance(_ b: Double, _ c: Double, _ delta: Double) -> Double {
        // The same with the policies' names exchanged; for δ ≥ 0 the roots differ in sign and the larger one is q.
        guard delta >= 0 else { return variance(c, b, -delta) }
        let n = Double(count)
        let linear = (2 * n - b + c) * delta - b - c
        let constant = -c * delta * (1 - delta)
        let root = (linear * linear - 8 * n * constant).squareRoot()
        // Of the two spellings of the root, the one that does not subtract near numbers.
        let q = linear < 0 ? (root - linear) / (4 * n) : (constant == 0 ? 0 : -2 * constant / (linear + root))
        return max(0, 2 * q + delta - delta * delta)
    }
}

// MARK: - What n can detect

extension PairedSuccess {
    /// The smallest difference δ that McNemar's two-sided test at 5 % finds in `count` pairs with probability 80 %, from
    /// the normal approximation of its sample size (Connor 1987, Biometrics 43, 207-211):
    /// n δ² = (z₀.₉₇₅ √ψ + z₀.₈ √(ψ - δ²))², solved for δ.
    ///
    /// ψ is the share of discordant pairs. A difference cannot exceed ψ: where ψ is so small that none within it would be
    /// found, the answer is the δ with δ = ψ, all discordant pairs on one side. Nil when not even 1 would be found.
    public static func smallestDetectableDifference(count: Int, discordantRate: Double) -> Double? {
        precondition(count > 0 && (0...1).contains(discordantRate), "\(count) pairs, \(discordantRate) of them discordant")
        let n = Double(count)
        let (level, power) = (NormalQuantile.p975, NormalQuantile.p80)
        let radicand = n + power * power - level * level
        guard radicand >= 0 else { return nil }
        // δ = k √ψ, so that δ ≤ ψ where ψ ≥ k².
        let k = (level * n.squareRoot() + power * radicand.squareRoot()) / (n + power * power)
        return k > 1 ? nil : k * max(discordantRate.squareRoot(), k)
    }

    /// At this table's number of pairs and share of discordant ones.
    public var smallestDetectableDifference: Double? {
        Self.smallestDetectableDifference(count: count, discordantRate: discordantRate)
    }
}
