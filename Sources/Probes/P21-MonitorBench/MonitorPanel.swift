import Basics

/// How unusual one monitor finds the observations of one condition; larger means farther out of distribution.
public struct MonitorScores: Measurement {
    /// The name of the monitor under study: minus the similarity that the lookup table reports.
    public static let tableSimilarity = "alt_similarity"

    public let monitor: String
    public let condition: Condition
    /// By observation, as numbered by `GeneratedChunks.observation`.
    public let score: [Double]
    /// Seconds per observation; nil when not measured.
    public let seconds: Double?

    public init(monitor: String, condition: Condition, score: [Double], seconds: Double? = nil) {
        self.monitor = monitor
        self.condition = condition
        self.score = score
        self.seconds = seconds
    }
}

/// Every monitor's scores under every condition it can be asked about; see `MonitorBench` for their definitions.
struct MonitorPanel: Sendable {
    /// Names of monitors: how far successive samples of the policy under study lie apart, and the distance that every other
    /// monitor stands beside.
    static let actionVariance = "action_variance", pixelDistance = "pixel_distance"

    struct Scored: Sendable {
        /// By row of the `MonitoredCondition`.
        let score: [Double]
        let seconds: Double?
    }

    struct Monitor: Sendable {
        let name: String
        /// Whether the lookup table's similarity is compared with it.
        let isRival: Bool
        fileprivate(set) var conditions: [Condition: Scored] = [:]
    }

    private(set) var monitors: [Monitor] = []

    init(_ conditions: [MonitoredCondition], _ context: ProbeContext) throws {
        for condition in conditions {
            for given in context.measurements[MonitorScores.self] where given.condition == condition.condition {
                let score = try condition.scores(given.score, of: given.monitor)
                add(given.monitor, condition, Scored(score: score, seconds: given.seconds))
            }
            add(MonitorScores.tableSimilarity, condition, Self.dissimilarity(condition, context))
            add(Self.actionVariance, condition, Self.spread(condition, context))
        }
        for space in context.measurements.spaces { try add(space, conditions, context) }
        monitors.removeAll { $0.conditions[.heldout] == nil || $0.conditions.count < 2 }
    }

    private mutating func add(
        _ name: String, isRival: Bool = false, _ condition: MonitoredCondition, _ scored: Scored?
    ) {
        guard let scored else { return }
        let index = monitors.firstIndex { $0.name == name } ?? monitors.count
        if index == monitors.count { monitors.append(Monitor(name: name, isRival: isRival)) }
        monitors[index].conditions[condition.condition] = scored
    }

    /// Minus the similarity that the lookup table reports for its first sample; nil where one is absent.
    private static func dissimilarity(_ condition: MonitoredCondition, _ context: ProbeContext) -> Scored? {
        guard let generated = context.evaluated(.table, condition.condition)?.generated else { return nil }
        var similarity: [Int: Double] = [:]
        for row in generated.observation.indices where generated.sample[row] == 0 {
            similarity[generated.observation[row]] = generated.match[row].map { Double($0.similarity) }
        }
        let found = condition.observation.compactMap { similarity[$0] }
        guard found.count == condition.observation.count else { return nil }
        return Scored(score: found.map { -$0 }, seconds: nil)
    }

    /// Mean distance of successive samples of the policy under study; nil where an observation has only one.
    private static func spread(_ condition: MonitoredCondition, _ context: ProbeContext) -> Scored? {
        guard let evaluated = context.evaluated(.subject, condition.condition) else { return nil }
        var distances: [Int: [Double]] = [:]
        for (row, distance) in evaluated.selfDistance {
            distances[evaluated.generated.observation[row], default: []].append(Double(distance))
        }
        let found = condition.observation.compactMap { distances[$0] }
        guard found.count == condition.observation.count else { return nil }
        return Scored(score: found.map { $0.reduce(0, +) / Double($0.count) }, seconds: nil)
    }

    private mutating func add(
        _ space: ObservationSpace, _ conditions: [MonitoredCondition], _ context: ProbeContext
    ) throws {
        let asked = conditions.filter { space.conditions[$0.condition] != nil }
        guard asked.contains(where: { $0.condition == .heldout }) else { return }
        let monitors = FeatureMonitors(space, probes: context.seed, pool: context.pool)
        for condition in asked {
            guard let points = space.points(condition.condition) else { continue }
            for (kind, values) in monitors.scores(points) {
                let name = monitors.name(kind)
                add(
                    name, isRival: monitors.isRival(kind), condition,
                    Scored(score: try condition.scores(values, of: name), seconds: nil))
            }
        }
    }
}

/// The observations of one condition as a monitor is judged on them: which there are, and what unit each belongs to.
struct MonitoredCondition: Sendable {
    let condition: Condition
    /// Numbers of the observations within the condition, rising.
    let observation: [Int]  // [n]
    let demonstration: [Int]  // [n]
    let frame: [Int]  // [n]
    let cluster: [Int]  // [n]
    /// What `cluster` counts.
    let unit: String

    /// Rows of each unit, units in order of number.
    var units: [[Int]] {
        let groups = Dictionary(grouping: cluster.indices) { cluster[$0] }
        return groups.keys.sorted().compactMap { groups[$0] }
    }

    /// Nil where no policy was asked under the condition.
    init?(_ condition: Condition, _ context: ProbeContext) {
        var rows: [Int: (GeneratedChunks, Int)] = [:]
        for generated in context.generated where generated.condition == condition {
            for (row, observation) in generated.observation.enumerated() where rows[observation] == nil {
                rows[observation] = (generated, row)
            }
        }
        let found = rows.sorted { $0.key < $1.key }
        guard let unit = found.first?.value.0.unit else { return nil }
        self.condition = condition
        self.unit = unit
        observation = found.map(\.key)
        demonstration = found.map { $0.value.0.chunks.demonstration[$0.value.1] }
        frame = found.map { $0.value.0.chunks.frame[$0.value.1] }
        cluster = found.map { $0.value.0.cluster[$0.value.1] }
    }

    func bootstrap(_ context: ProbeContext) -> HierarchicalBootstrap {
        context.bootstrap(clusters: cluster, stream: context.seed / "p21" / condition)
    }

    /// The values of these observations out of values numbered by observation.
    /// - Throws: `Failure` where a value is absent or not finite.
    func scores(_ values: [Double], of monitor: String) throws -> [Double] {
        try observation.map { number in
            guard number < values.count, values[number].isFinite else {
                throw Failure(
                    .data, "a monitor has no score for an observation", at: "monitor \(monitor), condition \(condition)",
                    expected: "a finite score for observation \(number)",
                    found: number < values.count ? "\(values[number])" : "\(values.count) scores",
                    remedy: "score every observation that the policies were asked about")
            }
            return values[number]
        }
    }

    /// In order of first appearance: the held-out observations, and everything but these and the training ones.
    static func all(_ context: ProbeContext) -> (heldout: MonitoredCondition, shifted: [MonitoredCondition])? {
        let shifted = context.generated.distinct(\.condition).filter { $0 != .train && $0 != .heldout }
            .compactMap { MonitoredCondition($0, context) }
        guard let heldout = MonitoredCondition(.heldout, context), !shifted.isEmpty else { return nil }
        return (heldout, shifted)
    }
}
