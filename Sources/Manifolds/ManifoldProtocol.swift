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

    var process: any GenerativeProcess {
        let posterior = DenoisingProcess(.ddpm, schedule: schedule, steps: schedule.steps, clipsPrediction: false)
        return switch self {
        case .authors: RenoisingProcess(denoising: posterior)
        case .corrected: posterior
        }
    }
}

/// The way back of He et al. 2025: the predicted x_0, noised afresh to the next level.
private struct RenoisingProcess: GenerativeProcess {
    /// Whose noising, answers and timesteps it has.
    let denoising: DenoisingProcess

    var levels: Int { denoising.levels }
    func mixture(at t: Int) -> Mixture { denoising.mixture(at: t) }
    func target(clean: Float, noise: Float, at t: Int) -> Float { denoising.target(clean: clean, noise: noise, at: t) }
    func clean(noisy: Float, answer: Float, at t: Int) -> Float { denoising.clean(noisy: noisy, answer: answer, at: t) }
    func answer(noisy: Float, clean: Float, at t: Int) -> Float { denoising.answer(noisy: noisy, clean: clean, at: t) }

    var timesteps: [Int] { denoising.timesteps }
    func drawsNoise(_ index: Int) -> Bool { index + 1 < timesteps.count }

    func step(
        _ index: Int, _ x: UnsafeMutableBufferPointer<Float>, answer: UnsafeBufferPointer<Float>,
        noise: UnsafeBufferPointer<Float>
    ) {
        let t = timesteps[index], isLast = !drawsNoise(index)
        for i in x.indices {
            let clean = clean(noisy: x[i], answer: answer[i], at: t)
            x[i] = isLast ? clean : noised(clean, noise: noise[i], at: timesteps[index + 1])
        }
    }
}
