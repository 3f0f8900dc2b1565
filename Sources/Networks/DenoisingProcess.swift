import Configuration

/// Denoising steps of each sampler at inference.
public struct SamplerConfiguration: Equatable, Sendable {
    public var ddpm = 100
    public var ddim = 10

    public init() {}

    public func steps(_ kind: DenoisingProcess.Kind) -> Int {
        switch kind {
        case .ddpm: ddpm
        case .ddim: ddim
        }
    }
}

extension SamplerConfiguration: SettingsGroup {
    public static var fields: [SettingsField<SamplerConfiguration>] {
        [SettingsField("ddpm", \.ddpm, .count(from: 1)), SettingsField("ddim", \.ddim, .count(from: 1))]
    }
}

/// Denoising diffusion: a network that predicts the noise ε (Ho et al. 2020, algorithm 1) or the clean sequence x_0, and one
/// of the ways back with it.
public struct DenoisingProcess: GenerativeProcess, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Posterior mean and variance (fixed small) of Ho et al. 2020 eq. 6-7, between the timesteps really visited.
        case ddpm
        /// Deterministic (η = 0), Song et al. 2021 eq. 12.
        case ddim
    }

    /// What the network answers.
    public enum Prediction: Sendable {
        /// ε
        case noise
        /// x_0
        case clean
    }

    public let kind: Kind
    public let prediction: Prediction
    public let schedule: NoiseSchedule
    /// Timesteps visited, descending: (0 ..< n) · (T div n), reversed.
    public let timesteps: [Int]
    /// The predicted x_0 is clipped to ± this on the way back; nil for not at all.
    public let clipRange: Float?

    /// Of a network that predicts the noise.
    /// - Parameter clipsPrediction: to [-1, 1]
    public init(_ kind: Kind, schedule: NoiseSchedule, steps: Int, clipsPrediction: Bool = true) {
        self.init(kind, predicting: .noise, schedule: schedule, steps: steps, clipRange: clipsPrediction ? 1 : nil)
    }

    public init(_ kind: Kind, predicting prediction: Prediction, schedule: NoiseSchedule, steps: Int, clipRange: Float?) {
        precondition((1...schedule.steps).contains(steps), "\(steps) inference steps of \(schedule.steps)")
        self.kind = kind
        self.schedule = schedule
        self.prediction = prediction
        self.clipRange = clipRange
        let ratio = schedule.steps / steps
        timesteps = (0..<steps).reversed().map { $0 * ratio }
    }

    public var levels: Int { schedule.steps }

    /// √ᾱ_t and √(1 - ᾱ_t) (Ho et al. 2020 eq. 4).
    public func mixture(at t: Int) -> Mixture { Mixture(alphaBar: schedule.alphaBar(t)) }

    public func target(clean: Float, noise: Float, at t: Int) -> Float { prediction == .noise ? noise : clean }

    /// x_0 = (x_t - √(1 - ᾱ_t) ε) / √ᾱ_t.
    public func clean(noisy: Float, answer: Float, at t: Int) -> Float {
        if prediction == .clean { return answer }
        let mixture = mixture(at: t)
        return (noisy - mixture.noise * answer) / mixture.data
    }

    public func answer(noisy: Float, clean: Float, at t: Int) -> Float {
        if prediction == .clean { return clean }
        let mixture = mixture(at: t)
        return (noisy - mixture.data * clean) / mixture.noise
    }

    /// The numbers of one step: x_prev = original · x_0 + current · x + direction · ε + deviation · noise.
    private struct Coefficients {
        var original: Float = 0, current: Float = 0, direction: Float = 0, deviation: Float = 0
    }

    private func coefficients(_ index: Int) -> Coefficients {
        let t = timesteps[index], previous = index + 1 < timesteps.count ? timesteps[index + 1] : -1
        let alphaBar = schedule.alphaBar(t), before = schedule.alphaBar(previous)
        var c = Coefficients()
        switch kind {
        case .ddpm:
            let alpha = alphaBar / before, beta = 1 - alpha
            c.original = Float(before.squareRoot() * beta / (1 - alphaBar))
            c.current = Float(alpha.squareRoot() * (1 - before) / (1 - alphaBar))
            c.deviation = t > 0 ? Float(max((1 - before) / (1 - alphaBar) * beta, 1e-20).squareRoot()) : 0
        case .ddim:
            c.original = Float(before.squareRoot())
            c.direction = Float((1 - before).squareRoot())
        }
        return c
    }

    public func drawsNoise(_ index: Int) -> Bool { coefficients(index).deviation > 0 }

    public func step(
        _ index: Int, _ x: UnsafeMutableBufferPointer<Float>, answer: UnsafeBufferPointer<Float>,
        noise: UnsafeBufferPointer<Float>
    ) {
        precondition(x.count == answer.count, "\(x.count) entries and \(answer.count) predictions")
        let c = coefficients(index), mixture = mixture(at: timesteps[index]), answersClean = prediction == .clean
        precondition(c.deviation == 0 || x.count == noise.count, "\(x.count) entries and \(noise.count) draws")
        for i in x.indices {
            var original = answersClean ? answer[i] : (x[i] - mixture.noise * answer[i]) / mixture.data
            // Of the answer as it is, also where x_0 is clipped: so in DDIM's published code and in diffusers.
            let noiseAnswered = answersClean ? (x[i] - mixture.data * answer[i]) / mixture.noise : answer[i]
            if let clipRange { original = min(max(original, -clipRange), clipRange) }
            var next = c.original * original + c.current * x[i] + c.direction * noiseAnswered
            if c.deviation > 0 { next += c.deviation * noise[i] }
            x[i] = next
        }
    }
}
