import Configuration
import Foundation

/// The squared-cosine noise schedule (Nichol and Dhariwal 2021, as diffusers' `squaredcos_cap_v2`).
///
/// ᾱ(t) = cos²((t + 0.008) / 1.008 · π/2), β_i = min(1 - ᾱ((i+1)/T) / ᾱ(i/T), 0.999).
public struct NoiseSchedule: Sendable, Equatable {
    /// β_t, t = 0 ..< T.
    public let betas: [Double]
    /// ᾱ_t = Π_{s <= t} (1 - β_s).
    public let alphaBars: [Double]

    public var steps: Int { betas.count }

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

    /// x_t = √ᾱ_t x_0 + √(1 - ᾱ_t) ε (Ho et al. 2020 eq. 4), entry by entry.
    public func noised(_ clean: Float, noise: Float, step: Int) -> Float {
        Float(alphaBars[step].squareRoot()) * clean + Float((1 - alphaBars[step]).squareRoot()) * noise
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
