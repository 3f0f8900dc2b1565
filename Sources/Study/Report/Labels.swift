import Probes

/// What the names in a run's tables are called where people read them.
struct Labels {
    private let policies: [String: String]

    /// - Parameter catalogues: of the studies whose names are read
    init(_ catalogues: [Catalogue]) {
        policies = Dictionary(catalogues.flatMap(\.named).map { ($0.name, $0.label) }) { first, _ in first }
    }

    /// Of what stands in a column `policy`: a policy, a monitor, or a family or a space, which have no other name.
    func policy(_ name: String) -> String { policies[name] ?? MonitorWords.label(name) ?? name.replacing("_", with: " ") }

    func condition(_ name: String) -> String { Condition(name).label }

    /// Of a control: a policy as well, or a word.
    func control(_ name: String) -> String {
        name == Condition.heldout.name ? "held-out truth" : policy(name)
    }

    func endpoint(_ key: String) -> String { AllProbes.endpoint(key)?.title ?? key }
}
