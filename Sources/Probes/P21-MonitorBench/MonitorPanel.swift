import Basics

/// Every monitor's scores under every condition it can be asked about; see `MonitorBench` for their definitions.
struct MonitorPanel: Sendable {
    struct Scored: Sendable {
        /// By row of the `MonitoredCondition`.
        let score: [Double]
        let seconds: Double?
    }

    struct Monitor: Sendable {
        let name: String
        fileprivate(set) var conditions: [String: Scored] = [:]
    }

    private(set) var monitors: [Monitor] = []

    init(_ conditions: [MonitoredCondition], _ context: ProbeContext) throws {
        for condition in conditions {
            for given in context.measurements.monitors where given.condition == condition.name {
                let score = try condition.scores(given.score, of: given.monitor)
                add(given.monitor, condition, Scored(score: score, seconds: given.seconds))
            }
            add("alt_similarity", condition, Self.dissimilarity(condition, context))
            add("action_variance", condition, Self.spread(condition, context))
        }
        for space in context.measurements.spaces { try add(space, conditions, context) }
        monitors.removeAll { $0.conditions[GeneratedChunks.Condition.heldout] == nil || $0.conditions.count < 2 }
    }

    private mutating func add(_ name: String, _ condition: MonitoredCondition, _ scored: Scored?) {
        guard let scored else { return }
        let index = monitors.firstIndex { $0.name == name } ?? monitors.count
        if index == monitors.count { monitors.append(Monitor(name: name)) }
        monitors[index].conditions[condition.name] = scored
    }

    /// Minus the similarity that the lookup table reports for its first sample; nil where one is absent.
    private static func dissimilarity(_ condition: MonitoredCondition, _ context: ProbeContext) -> Scored? {
        guard let generated = context.evaluated("alt", condition.name)?.generated else { return nil }
        var similarity: [Int: Double] = [:]
        for row in generated.observation.indices where generated.sample[row] == 0 {
            similarity[generated.observation[row]] = generated.match[row].map { Double($0.similarity) }
        }
        let found = condition.observation.compactMap { similarity[$0] }
        guard found.count == condition.observation.count else { return nil }
        return Scored(score: found.map { -$0 }, seconds: nil)
    }

    /// Mean distance of successive samples of the diffusion policy; nil where an observation has only one.
    private static func spread(_ condition: MonitoredCondition, _ context: ProbeContext) -> Scored? {
        guard let evaluated = context.evaluated("diffusion_ddpm", condition.name) else { return nil }
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
        let asked = conditions.filter { space.conditions[$0.name] != nil }
        guard asked.contains(where: { $0.name == GeneratedChunks.Condition.heldout }) else { return }
        let monitors = FeatureMonitors(space, seed: context.seed / "p21" / space.name, pool: context.pool)
        for condition in asked {
            guard let points = space.points(condition.name) else { continue }
            for (name, values) in monitors.scores(points) {
                add(name, condition, Scored(score: try condition.scores(values, of: name), seconds: nil))
            }
        }
    }
}
