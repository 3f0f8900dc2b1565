import Networks

/// How a manifold is learned and sampled.
public enum ManifoldProtocol: String, Sendable, CaseIterable {
    /// He et al. 2025: β linear from 10⁻⁴ to 0.02 in 100 steps, so that ᾱ_T = 0.364 while sampling starts from pure
    /// noise, and a sampler that noises the predicted x_0 afresh at every step.
    case authors
    /// Noise levels from 10⁻⁶, far below the spacing of 100,000 points, to 40, so that ᾱ_T = 6 · 10⁻⁴, in 100 equal ratios;
    /// the posterior of Ho et al. 2020.
    case corrected

    public var schedule: NoiseSchedule {
        switch self {
        case .authors: NoiseSchedule(linearFrom: 1e-4, to: 0.02, steps: 100)
        case .corrected: NoiseSchedule(geometricLevelsFrom: 1e-6, to: 40, steps: 100)
        }
    }
}
