import Configuration

/// Denoising steps of each sampler at inference.
public struct SamplerConfiguration: Equatable, Sendable {
    public var ddpm = 100
    public var ddim = 10

    public init() {}

    public func steps(_ kind: DiffusionSampler.Kind) -> Int {
        switch kind {
        case .ddpm: ddpm
        case .ddim: ddim
        }
    }
}

extension SamplerConfiguration: SettingsGroup {
    public static var fields: [SettingsField<SamplerConfiguration>] {
        [SettingsField("ddpm", \.ddpm, .atLeast(1)), SettingsField("ddim", \.ddim, .atLeast(1))]
    }
}

/// One way back from noise to data, for a network that predicts the noise ε.
public struct DiffusionSampler: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Posterior mean and variance (fixed small) of Ho et al. 2020 eq. 6-7, between the timesteps really visited.
        case ddpm
        /// Deterministic (η = 0), Song et al. 2021 eq. 12.
        case ddim
    }

    public let kind: Kind
    public let schedule: NoiseSchedule
    /// Timesteps visited, descending: (0 ..< n) · (T div n), reversed.
    public let timesteps: [Int]
    /// Clip the predicted x_0 to [-1, 1].
    public let clipsPrediction: Bool

    public init(_ kind: Kind, schedule: NoiseSchedule, steps: Int, clipsPrediction: Bool = true) {
        precondition((1...schedule.steps).contains(steps), "\(steps) inference steps of \(schedule.steps)")
        self.kind = kind
        self.schedule = schedule
        self.clipsPrediction = clipsPrediction
        let ratio = schedule.steps / steps
        timesteps = (0..<steps).reversed().map { $0 * ratio }
    }

    /// The numbers of one step: x_prev = original · x0 + current · x + direction · ε + deviation · noise.
    struct Coefficients {
        let rootAlphaBar, rootOneMinus: Float
        var original: Float = 0, current: Float = 0, direction: Float = 0, deviation: Float = 0
    }

    func coefficients(_ index: Int) -> Coefficients {
        let t = timesteps[index], previous = index + 1 < timesteps.count ? timesteps[index + 1] : -1
        let alphaBar = schedule.alphaBar(t), before = schedule.alphaBar(previous)
        var c = Coefficients(rootAlphaBar: Float(alphaBar.squareRoot()), rootOneMinus: Float((1 - alphaBar).squareRoot()))
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

    /// Whether the step at `index` of `timesteps` draws noise.
    public func drawsNoise(_ index: Int) -> Bool { coefficients(index).deviation > 0 }

    /// Moves x from `timesteps[index]` to the timestep after it, in place.
    /// - Parameters:
    ///   - epsilon: the predicted noise, as many entries as x
    ///   - noise: standard normal draws, as many entries as x; not read where `drawsNoise` is false
    public func step(
        _ index: Int, _ x: UnsafeMutableBufferPointer<Float>, epsilon: UnsafeBufferPointer<Float>,
        noise: UnsafeBufferPointer<Float>
    ) {
        precondition(x.count == epsilon.count, "\(x.count) entries and \(epsilon.count) predictions")
        let c = coefficients(index)
        for i in x.indices {
            var original = (x[i] - c.rootOneMinus * epsilon[i]) / c.rootAlphaBar
            if clipsPrediction { original = min(max(original, -1), 1) }
            var next = c.original * original + c.current * x[i] + c.direction * epsilon[i]
            if c.deviation > 0 { next += c.deviation * noise[i] }
            x[i] = next
        }
    }
}
