import Foundation

extension NoiseSchedule {
    /// β_t from `first` to `last` in equal steps (Ho et al. 2020).
    public init(linearFrom first: Double, to last: Double, steps: Int) {
        precondition(steps > 1 && 0 < first && first <= last && last < 1, "β from \(first) to \(last) in \(steps) steps")
        let betas = (0..<steps).map { first + (last - first) * Double($0) / Double(steps - 1) }
        var product = 1.0
        self.init(
            alphaBars: betas.map {
                product *= 1 - $0
                return product
            })
    }

    /// Noise levels σ_t = √(1 - ᾱ_t) / √ᾱ_t from `first` to `last` in equal ratios (Song and Ermon 2019, in the scaling
    /// that preserves variance).
    public init(geometricLevelsFrom first: Double, to last: Double, steps: Int) {
        precondition(steps > 1 && 0 < first && first < last, "levels from \(first) to \(last) in \(steps) steps")
        self.init(
            alphaBars: (0..<steps).map { step in
                let level = first * Foundation.pow(last / first, Double(step) / Double(steps - 1))
                return 1 / (1 + level * level)
            })
    }

    private init(alphaBars: [Double]) {
        self.alphaBars = alphaBars
        betas = alphaBars.indices.map { 1 - alphaBars[$0] / ($0 == 0 ? 1 : alphaBars[$0 - 1]) }
    }
}
