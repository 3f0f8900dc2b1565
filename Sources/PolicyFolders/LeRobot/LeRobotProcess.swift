import Basics
import Networks

/// The noise of a lerobot policy and its way back, as diffusers' schedulers read the same fields.
struct LeRobotProcess: Sendable, Equatable {
    let kind: DenoisingProcess.Kind
    /// Of the training.
    let levels: Int
    /// Denoising steps of an answer.
    let steps: Int
    let prediction: DenoisingProcess.Prediction
    let clipRange: Float?
    let schedule: NoiseSchedule

    private enum Curve { case squaredCosine, linear, scaledLinear }

    init(_ fields: LeRobotFields) throws {
        kind = try fields.choice("noise_scheduler_type", ["DDPM": .ddpm, "DDIM": .ddim])
        levels = try fields.integer("num_train_timesteps", 2...10_000)
        prediction = try fields.choice("prediction_type", ["epsilon": .noise, "sample": .clean])
        let range = try fields.number("clip_sample_range", expected: "a number above 0") { $0 > 0 }
        clipRange = try fields.flag("clip_sample") ? Float(range) : nil
        steps = fields.value("num_inference_steps") == nil ? levels : try fields.integer("num_inference_steps", 1...1_000_000)
        let curve: Curve = try fields.choice(
            "beta_schedule", ["squaredcos_cap_v2": .squaredCosine, "linear": .linear, "scaled_linear": .scaledLinear])
        schedule = try Self.schedule(curve, levels, fields)
        guard schedule.alphaBar(levels - 1) > 0 else {
            throw fields.refused("beta_end", expected: "noise that leaves something of the data at the last step", found: "none in float32 after \(levels) steps")
        }
        try Self.check(steps: steps, of: levels, at: fields.location("num_inference_steps"))
    }

    private static func schedule(_ curve: Curve, _ levels: Int, _ fields: LeRobotFields) throws -> NoiseSchedule {
        if curve == .squaredCosine { return NoiseSchedule(singles: NoiseSchedule(steps: levels).betas.map { Float($0) }) }
        let first = try fields.number("beta_start", expected: "above 0 and below 1") { $0 > 0 && $0 < 1 }
        let last = try fields.number("beta_end", expected: "from beta_start to below 1") { $0 >= first && $0 < 1 }
        if curve == .linear { return NoiseSchedule(singles: NoiseSchedule.singles(from: Float(first), to: Float(last), steps: levels)) }
        let roots = NoiseSchedule.singles(from: Float(first.squareRoot()), to: Float(last.squareRoot()), steps: levels)
        return NoiseSchedule(singles: roots.map { $0 * $0 })
    }

    /// More steps back than there are levels would visit level 0 alone and return the noise.
    private static func check(steps: Int, of levels: Int, at location: String) throws {
        guard !(1...levels).contains(steps) else { return }
        throw Failure(
            .data, "a policy cannot take more steps back than its noise has levels", at: location, expected: "1 to num_train_timesteps = \(levels)",
            found: "\(steps)", remedy: "ask for fewer steps")
    }

    /// - Parameters:
    ///   - kind: nil for the policy's own
    ///   - steps: nil for the policy's own; of another sampler, all levels of DDPM and the usual number of DDIM
    /// - Throws: `Failure` (`data`) for more steps than levels.
    func denoising(_ kind: DenoisingProcess.Kind?, steps: Int?) throws -> DenoisingProcess {
        let kind = kind ?? self.kind
        let usual = kind == self.kind ? self.steps : kind == .ddpm ? levels : min(levels, SamplerConfiguration().steps(kind))
        let count = steps ?? usual
        try Self.check(steps: count, of: levels, at: "sampler \(kind.rawValue)")
        return DenoisingProcess(kind, predicting: prediction, schedule: schedule, steps: count, clipRange: clipRange)
    }
}
