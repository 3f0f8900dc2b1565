/// Regression in two steps, denoise once and refine once: the two-step minimal iterative policy of Pan et al. 2025 ("Much Ado
/// About Noising", arXiv 2512.01809), which has the supervised iteration and the noise of a diffusion policy and fits no
/// distribution.
///
/// The network always answers the clean sequence. At level 0 it is given noise alone, so that its best answer is the mean of
/// what may follow; at level 1 the clean sequence under a tenth of noise. The way back hands the first answer, scaled as the
/// data are at level 1, to level 1, and draws nothing between. Departure from the published policy: level 0 is given noise,
/// where that is given zeros, as every process begins with noise; it says nothing of the sequence either way.
public struct TwoStepProcess: GenerativeProcess, Equatable {
    /// Share of the data at level 1; the published t* = 0.9.
    private static let refined: Float = 0.9

    public let levels = 2
    public let timesteps = [0, 1]

    public init() {}

    public func mixture(at t: Int) -> Mixture {
        t == 0 ? Mixture(data: 0, noise: 1) : Mixture(data: Self.refined, noise: 1 - Self.refined)
    }

    public func target(clean: Float, noise: Float, at t: Int) -> Float { clean }
    public func clean(noisy: Float, answer: Float, at t: Int) -> Float { answer }
    public func answer(noisy: Float, clean: Float, at t: Int) -> Float { clean }
    public func drawsNoise(_ index: Int) -> Bool { false }

    public func step(
        _ index: Int, _ x: UnsafeMutableBufferPointer<Float>, answer: UnsafeBufferPointer<Float>,
        noise: UnsafeBufferPointer<Float>
    ) {
        precondition(x.count == answer.count, "\(x.count) entries and \(answer.count) predictions")
        let scale: Float = index == 0 ? Self.refined : 1
        for i in x.indices { x[i] = scale * answer[i] }
    }
}
