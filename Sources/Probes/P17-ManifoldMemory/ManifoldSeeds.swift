/// The runs of one policy under one condition, a seed each.
struct ManifoldSeeds: Sendable {
    var runs: [ManifoldRun]
    var numbers: [ManifoldNumbers]

    var policy: String { runs[0].capacity }
    var condition: String { runs[0].condition }
    var verdict: Verdict { ManifoldMemory.controls.contains(policy) ? .description : ManifoldVerdict.verdict(of: numbers) }

    func estimate(_ value: (ManifoldNumbers) -> Double) -> Estimate { Self.estimate(numbers.map(value)) }

    /// The mean over seeds, from the smallest to the largest.
    static func estimate(_ seeds: [Double]) -> Estimate {
        guard !seeds.isEmpty else { return Estimate(value: nil) }
        let mean = seeds.reduce(0, +) / Double(seeds.count)
        return seeds.count > 1 ? Estimate(value: mean, low: seeds.min(), high: seeds.max()) : Estimate(value: mean)
    }
}
