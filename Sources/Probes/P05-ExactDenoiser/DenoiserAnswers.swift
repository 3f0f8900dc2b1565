import Basics
import Networks

/// What a denoiser says the clean action sequence is, at noisy versions of the true sequences of observations.
///
/// Row i is x_t = a_t x_0 + b_t ε with x_0 the true chunk of `observation[i]` and (a_t, b_t) the policy's own mixture at
/// timestep t, for diffusion √ᾱ_t and √(1 - ᾱ_t) (Ho et al. 2020 eq. 4). A policy without a denoiser answers the same
/// whatever x_t is.
public struct DenoiserAnswers: Measurement {
    /// A trained policy, or a control: the network before or half through its training, an oracle.
    public let policy: PolicyID
    public let condition: Condition
    public let timestep: [Int]  // [n]
    /// Of each row's timestep.
    public let mixture: [Mixture]  // [n]
    /// Number of the observation within the condition.
    public let observation: [Int]  // [n]
    /// The independent unit of each row, the demonstration.
    public let cluster: [Int]  // [n]
    /// x_t, in the policy's normalised units.
    public let noisy: [Float]  // [n, H * D]
    /// The predicted x_0, not clipped.
    public let clean: [Float]  // [n, H * D]

    public var count: Int { timestep.count }

    public init(
        policy: PolicyID, condition: Condition, timestep: [Int], mixture: [Mixture], observation: [Int], cluster: [Int],
        noisy: [Float], clean: [Float]
    ) {
        precondition(
            mixture.count == timestep.count && observation.count == timestep.count && cluster.count == timestep.count
                && noisy.count == clean.count,
            "\(timestep.count) timesteps, \(mixture.count) mixtures, \(observation.count) observations, \(cluster.count) units, \(noisy.count) and \(clean.count) values")
        self.policy = policy
        self.condition = condition
        self.timestep = timestep
        self.mixture = mixture
        self.observation = observation
        self.cluster = cluster
        self.noisy = noisy
        self.clean = clean
    }
}

extension DenoiserAnswers {
    /// - Parameters:
    ///   - width: H x D of the training chunks.
    ///   - observations: of the condition; nil where they are in no space.
    /// - Throws: `Failure` (`data`) for another shape, a value that is not finite or out of range, or one demonstration.
    func validate(width: Int, observations: Int?) throws {
        func refuse(_ what: String, expected: String, found: String) -> Failure {
            Failure(
                .data, what, at: "denoiser of \(policy), condition \(condition)", expected: expected, found: found,
                remedy: "ask the denoiser again at the observations of that condition")
        }
        guard count > 0, clean.count == count * width else {
            throw refuse(
                "answers of a denoiser differ in shape", expected: "rows of \(width) values",
                found: "\(clean.count) values in \(count) rows")
        }
        guard (noisy + clean).allSatisfy(\.isFinite) else {
            throw refuse("a denoiser's answer is not finite", expected: "finite numbers", found: "NaN or infinity")
        }
        if let wrong = mixture.map(\.alphaBar).first(where: { !(0..<1).contains($0) }) {
            throw refuse("ᾱ is out of range", expected: "0 ≤ ᾱ < 1", found: "\(wrong)")
        }
        if let observations, let wrong = observation.first(where: { !(0..<observations).contains($0) }) {
            throw refuse(
                "a denoiser was asked at an unknown observation", expected: "a number in 0 ..< \(observations)",
                found: "\(wrong)")
        }
        guard Set(cluster).count > 1 else {
            throw refuse(
                "fitting on one half of the demonstrations and testing on the other needs two",
                expected: "at least 2 demonstrations", found: "\(Set(cluster).count)")
        }
    }
}
