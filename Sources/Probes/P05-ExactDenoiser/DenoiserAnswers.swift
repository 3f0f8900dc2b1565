/// What a denoiser says the clean action sequence is, at noisy versions of the true sequences of observations.
///
/// Row i is x_t = √ᾱ_t a + √(1 - ᾱ_t) ε with a the true chunk of `observation[i]` (Ho et al. 2020 eq. 4). A policy
/// without a denoiser answers the same whatever x_t is.
public struct DenoiserAnswers: Sendable {
    /// A trained policy, or a control: `random_init`, `half_trained`, an oracle.
    public let policy: String
    public let condition: String
    public let timestep: [Int]  // [n]
    /// ᾱ of each row's timestep.
    public let alphaBar: [Double]  // [n]
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
        policy: String, condition: String, timestep: [Int], alphaBar: [Double], observation: [Int], cluster: [Int],
        noisy: [Float], clean: [Float]
    ) {
        precondition(
            alphaBar.count == timestep.count && observation.count == timestep.count && cluster.count == timestep.count
                && noisy.count == clean.count,
            "\(timestep.count) timesteps, \(alphaBar.count) ᾱ, \(observation.count) observations, \(cluster.count) units, \(noisy.count) and \(clean.count) values")
        self.policy = policy
        self.condition = condition
        self.timestep = timestep
        self.alphaBar = alphaBar
        self.observation = observation
        self.cluster = cluster
        self.noisy = noisy
        self.clean = clean
    }
}
