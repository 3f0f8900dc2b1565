/// Whether a policy has fitted its training windows: the median distance between what it samples at a training
/// observation and the true chunk there, over the median D12. Fitted means under one half.
///
/// Memory grows with training time, so a verdict about memory from a policy that has not fitted yet says nothing.
struct FitCheck: Sendable {
    /// The largest ratio that counts as fitted (exclusive).
    let threshold: Double
    /// Median sampled error over the median D12, with its interval.
    let ratio: Estimate

    var isFitted: Bool { ratio.value.map { $0 < threshold } ?? false }

    /// Nil when the median D12 is 0, or `evaluated` has no true chunks.
    init?(_ evaluated: EvaluatedChunks, medianD12: Double, threshold: Double, bootstrap: HierarchicalBootstrap) {
        guard medianD12 > 0, let errors = evaluated.errorToTruth else { return nil }
        self.threshold = threshold
        let sample = SortedSample(errors.map(Double.init))
        ratio = bootstrap.estimate { sample.median(weights: $0) / medianD12 }
    }
}
