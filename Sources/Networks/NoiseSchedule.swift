import Configuration
import Foundation

/// How much noise each timestep of a denoising process has.
public struct NoiseSchedule: Sendable, Equatable {
    /// β_t, t = 0 ..< T.
    public let betas: [Double]
    /// ᾱ_t = Π_{s <= t} (1 - β_s).
    public let alphaBars: [Double]

    public var steps: Int { betas.count }

    /// The squared-cosine schedule (Nichol and Dhariwal 2021, as diffusers' `squaredcos_cap_v2`):
    /// ᾱ(t) = cos²((t + 0.008) / 1.008 · π/2), β_i = min(1 - ᾱ((i+1)/T) / ᾱ(i/T), 0.999).
    public init(steps: Int) {
        precondition(steps > 1, "\(steps) diffusion steps")
        func alphaBar(_ t: Double) -> Double {
            let cosine = Foundation.cos((t + 0.008) / 1.008 * Double.pi / 2)
            return cosine * cosine
        }
        let total = Double(steps)
        betas = (0..<steps).map { min(1 - alphaBar(Double($0 + 1) / total) / alphaBar(Double($0) / total), 0.999) }
        var product = 1.0
        alphaBars = betas.map {
            product *= 1 - $0
            return product
        }
    }

    /// ᾱ of the timestep before the first is 1.
    public func alphaBar(_ t: Int) -> Double { t < 0 ? 1 : alphaBars[t] }
}

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

    /// A schedule as diffusers keeps it, in float32: of a network that was trained with it. Its α_t = 1 - β_t and their
    /// products are rounded to float32, which near T, where 1 - β_t is 0.001, differs from the formula in the fifth digit.
    public init(singles betas: [Float]) {
        precondition(betas.count > 1, "\(betas.count) diffusion steps")
        self.betas = betas.map(Double.init)
        var product = 1.0
        alphaBars = betas.map {
            product *= Double(1 - $0)
            return Double(Float(product))
        }
    }

    /// From `first` to `last` in equal steps, as `torch.linspace` rounds them: from either end to the middle.
    public static func singles(from first: Float, to last: Float, steps: Int) -> [Float] {
        precondition(steps > 1, "\(steps) diffusion steps")
        let step = (last - first) / Float(steps - 1)
        return (0..<steps).map { $0 < steps / 2 ? first + step * Float($0) : last - step * Float(steps - 1 - $0) }
    }

    private init(alphaBars: [Double]) {
        self.alphaBars = alphaBars
        betas = alphaBars.indices.map { 1 - alphaBars[$0] / ($0 == 0 ? 1 : alphaBars[$0 - 1]) }
    }
}

/// The noise of a diffusion policy: a squared-cosine schedule.
public struct NoiseConfiguration: Equatable, Sendable {
    /// Steps of the forward process.
    public var steps = 100
    /// Whether the predicted clean sequence is clipped to [-1, 1] at every step of sampling.
    public var clip = true

    public init() {}

    public var schedule: NoiseSchedule { NoiseSchedule(steps: steps) }
}

extension NoiseConfiguration: SettingsGroup {
    public static var fields: [SettingsField<NoiseConfiguration>] {
        [SettingsField("steps", \.steps, .within(2...10_000)), SettingsField("clip", \.clip)]
    }
}
