import Basics

/// What a policy's network still gets wrong at noisy true sequences: the loss that it was trained to lower, without augmentation.
public struct DenoisingLoss: Measurement {
    public let policy: PolicyID
    public let condition: Condition
    /// Mean squared error at one observation, over noise levels and draws.
    public let loss: [Double]  // [observations]
    /// The independent unit of each observation.
    public let cluster: [Int]  // [observations]

    public init(policy: PolicyID, condition: Condition, loss: [Double], cluster: [Int]) {
        precondition(loss.count == cluster.count, "\(loss.count) losses of \(cluster.count) observations")
        self.policy = policy
        self.condition = condition
        self.loss = loss
        self.cluster = cluster
    }

    /// The mean over observations with its interval; none where it was not measured.
    static func mean(_ policy: PolicyID, _ condition: Condition, _ context: ProbeContext) -> Estimate {
        guard let own = context.measurements[DenoisingLoss.self].first(where: { $0.policy == policy && $0.condition == condition }) else {
            return Estimate(value: nil)
        }
        let loss = own.loss
        return context.bootstrap(clusters: own.cluster, stream: context.seed / "p12" / "loss" / policy / condition).estimate {
            weightedMean(loss, $0)
        }
    }
}
