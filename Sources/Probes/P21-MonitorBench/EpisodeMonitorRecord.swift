/// What the monitors said along one episode in the simulator; larger is more unusual.
public struct EpisodeMonitorRecord: Measurement {
    public let policy: PolicyID
    /// Whether it sets the thresholds, and is judged by none.
    public let isReference: Bool
    public let start: Int
    public let isSuccess: Bool
    /// Control steps until success, or until the limit.
    public let steps: Int
    /// Control steps before each query of the policy, rising.
    public let queries: [Int]
    /// In the order of the tables.
    let monitors: [String]
    private let scores: [String: [Double]]

    /// The trivial rival, a time-out: its score is the control step.
    public static let elapsedSteps = "elapsed_steps"

    /// - Parameter scores: of each monitor, one a query.
    public init(
        policy: PolicyID, isReference: Bool, start: Int, isSuccess: Bool, steps: Int, queries: [Int],
        scores: [(monitor: String, score: [Double])]
    ) {
        let all = scores + [(Self.elapsedSteps, queries.map(Double.init))]
        for (monitor, score) in all {
            precondition(score.count == queries.count, "\(score.count) scores of \(monitor) for \(queries.count) queries")
        }
        self.policy = policy
        self.isReference = isReference
        self.start = start
        self.isSuccess = isSuccess
        self.steps = steps
        self.queries = queries
        monitors = all.map(\.monitor)
        self.scores = Dictionary(uniqueKeysWithValues: all)
    }

    private func scored(_ monitor: String) -> Zip2Sequence<[Int], [Double]> {
        guard let score = scores[monitor] else { preconditionFailure("\(monitor) was not asked along every episode of \(policy)") }
        return zip(queries, score)
    }

    /// The largest score among the queries up to a control step; the first query is always among them.
    func largest(_ monitor: String, until step: Double = .infinity) -> Double {
        scored(monitor).lazy.filter { query, _ in Double(query) <= step }.map { $1 }.max() ?? -.infinity
    }

    /// The control step of the first query whose score a threshold flags; nil where none does.
    func firstFlag(_ monitor: String, _ threshold: ConformalThreshold) -> Int? {
        scored(monitor).first { threshold.flags($1) }?.0
    }
}

/// The episodes of one policy that monitors followed, in the order of the starts.
struct MonitoredEpisodes: Sendable {
    let policy: PolicyID
    /// In the order of the tables.
    let monitors: [String]
    /// From the starts that policies are compared on.
    let compared: [EpisodeMonitorRecord]
    /// From the reference starts.
    let referenceSuccesses: [EpisodeMonitorRecord]
    /// The 10 % quantile of the step of success among these; nil without any.
    ///
    /// Failed episodes last to the limit, so that over whole episodes the largest of any score would measure little but length.
    /// Here nine in ten of those that succeed are still under way, and what a score says is a warning.
    let commonStep: Double?
    /// The compared episodes that were asked at every query up to the common step, as in a landmark analysis (Anderson, Cain and
    /// Gelber 1983): the few that had succeeded before have had fewer queries, which alone makes their largest score smaller.
    let underWay: [EpisodeMonitorRecord]

    private static let ended = 0.1

    /// Policies in the order of their first episode.
    static func all(_ context: ProbeContext) -> [MonitoredEpisodes] {
        // One that succeeds as it begins asks nothing.
        let records = context.measurements[EpisodeMonitorRecord.self].filter { !$0.queries.isEmpty }
        return records.distinct(\.policy).compactMap { policy in
            let own = records.filter { $0.policy == policy }.sorted { $0.start < $1.start }
            let compared = own.filter { !$0.isReference }, successes = own.filter { $0.isReference && $0.isSuccess }
            guard let monitors = compared.first?.monitors else { return nil }
            let step = successes.isEmpty ? nil : SortedSample(successes.map { Double($0.steps) }).quantile(ended)
            let asked = step.map { step in compared.map { $0.queries.count { Double($0) <= step } } }
            return MonitoredEpisodes(
                policy: policy, monitors: monitors, compared: compared, referenceSuccesses: successes, commonStep: step,
                underWay: asked.map { asked in compared.indices.filter { asked[$0] == asked.max() }.map { compared[$0] } } ?? [])
        }
    }

    var failures: [EpisodeMonitorRecord] { compared.filter { !$0.isSuccess } }
    var successes: [EpisodeMonitorRecord] { compared.filter(\.isSuccess) }
}
