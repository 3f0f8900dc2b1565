import Basics

/// The observations of one condition as a monitor is judged on them: which there are, and what unit each belongs to.
struct MonitoredCondition: Sendable {
    let name: String
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
    init?(_ name: String, _ context: ProbeContext) {
        var rows: [Int: (GeneratedChunks, Int)] = [:]
        for generated in context.generated where generated.condition == name {
            for (row, observation) in generated.observation.enumerated() where rows[observation] == nil {
                rows[observation] = (generated, row)
            }
        }
        let found = rows.sorted { $0.key < $1.key }
        guard let unit = found.first?.value.0.unit else { return nil }
        self.name = name
        self.unit = unit
        observation = found.map(\.key)
        demonstration = found.map { $0.value.0.chunks.demonstration[$0.value.1] }
        frame = found.map { $0.value.0.chunks.frame[$0.value.1] }
        cluster = found.map { $0.value.0.cluster[$0.value.1] }
    }

    func bootstrap(_ context: ProbeContext) -> HierarchicalBootstrap {
        context.bootstrap(clusters: cluster, stream: context.seed / "p21" / name)
    }

    /// The values of these observations out of values numbered by observation.
    /// - Throws: `Failure` where a value is absent or not finite.
    func scores(_ values: [Double], of monitor: String) throws -> [Double] {
        try observation.map { number in
            guard number < values.count, values[number].isFinite else {
                throw Failure(
                    .data, "a monitor has no score for an observation", at: "monitor \(monitor), condition \(name)",
                    expected: "a finite score for observation \(number)",
                    found: number < values.count ? "\(values[number])" : "\(values.count) scores",
                    remedy: "score every observation that the policies were asked about")
            }
            return values[number]
        }
    }

    /// In order of first appearance: the held-out observations, and everything but these and the training ones.
    static func all(_ context: ProbeContext) -> (heldout: MonitoredCondition, shifted: [MonitoredCondition])? {
        var names: [String] = []
        for generated in context.generated where !names.contains(generated.condition) { names.append(generated.condition) }
        let known = [GeneratedChunks.Condition.train, GeneratedChunks.Condition.heldout]
        let shifted = names.filter { !known.contains($0) }.compactMap { MonitoredCondition($0, context) }
        guard let heldout = MonitoredCondition(known[1], context), !shifted.isEmpty else { return nil }
        return (heldout, shifted)
    }
}
