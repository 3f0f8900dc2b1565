/// Flow matching on straight lines: a network that answers the velocity with which noise moves to data (Lipman et al. 2023,
/// arXiv 2210.02747, with σ_min = 0; rectified flow, Liu et al. 2022, arXiv 2209.03003, algorithm 1 without reflow).
///
/// x_s = (1 - s) ε + s x_0 for s in 0 ..< 1, so that the velocity d x_s / d s = x_0 - ε is the same all along a line; of all
/// lines through x_s the network learns the mean. The way back, from noise at s = 0, adds up Euler's steps of it.
///
/// Level t is s = t / levels, and the network's embedding of the step is given t, as diffusion's is: with as many levels both
/// see the same numbers. Departure from the papers: s is drawn from these levels and not from all of [0, 1], because
/// the levels of a process are numbered; with a hundred of them neighbours differ by a hundredth of the noise.
public struct FlowMatchingProcess: GenerativeProcess, Equatable {
    public let levels: Int
    /// Levels at which the network is asked, ascending: steps of s as equal as the levels allow.
    public let timesteps: [Int]

    /// - Parameters:
    ///   - levels: at least 1
    ///   - steps: of Euler's method, at most as many
    public init(levels: Int, steps: Int) {
        precondition(levels > 0 && (1...levels).contains(steps), "\(steps) steps of \(levels) levels")
        self.levels = levels
        timesteps = (0..<steps).map { $0 * levels / steps }
    }

    /// s, the share of the data.
    private func share(_ t: Int) -> Float { Float(t) / Float(levels) }

    public func mixture(at t: Int) -> Mixture { Mixture(data: share(t), noise: 1 - share(t)) }
    public func target(clean: Float, noise: Float, at t: Int) -> Float { clean - noise }

    /// x_0 = x_s + (1 - s) v: to the end of the line.
    public func clean(noisy: Float, answer: Float, at t: Int) -> Float { noisy + (1 - share(t)) * answer }

    /// v = (x_0 - x_s) / (1 - s). With the mean of x_0 given x_s it is the exact minimiser of the loss.
    public func answer(noisy: Float, clean: Float, at t: Int) -> Float { (clean - noisy) / (1 - share(t)) }

    public func drawsNoise(_ index: Int) -> Bool { false }

    public func step(
        _ index: Int, _ x: UnsafeMutableBufferPointer<Float>, answer: UnsafeBufferPointer<Float>,
        noise: UnsafeBufferPointer<Float>
    ) {
        precondition(x.count == answer.count, "\(x.count) entries and \(answer.count) predictions")
        let next = index + 1 < timesteps.count ? timesteps[index + 1] : levels
        let length = Float(next - timesteps[index]) / Float(levels)
        for i in x.indices { x[i] += length * answer[i] }
    }
}
