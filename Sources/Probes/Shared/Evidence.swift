/// The paper's claims, as in its list.
public enum ClaimID: String, Sendable, CaseIterable {
    case c1 = "C1", c2 = "C2", c3 = "C3", c4 = "C4", c5 = "C5", c6 = "C6", c7 = "C7", c8 = "C8", c9 = "C9"
}

/// Which rows of a probe bear on a claim. It is declared by the probe that makes them, so that a new probe brings its
/// evidence along.
public struct Evidence: Sendable {
    /// How much it weighs, and the order in which it is printed.
    public enum Weight: Sendable, CaseIterable {
        /// The claim's verdict is made from it, by the endpoints' criteria.
        case decides
        /// So too, where the study could measure it: the claim does not wait for it.
        case decidesWhereMeasured
        /// Printed beside.
        case shown
        /// How it came about: printed last.
        case background
    }

    public enum Policies: Sendable {
        case role(PolicyRole)
        /// The policy under study and its trainings from other seeds.
        case subjectAndSeeds
        /// The family that the policy of this role was trained in.
        case family(PolicyRole)
        /// The monitor of this name.
        case monitor(String)
        /// Whatever stands in the rows: monitors, spaces.
        case all
    }

    public enum Conditions: Sendable {
        case one(Condition)
        /// The first of these that has rows, or all the others.
        case first([Condition]), allButFirst([Condition])
        /// All of these that have rows.
        case each([Condition])
        /// Cats and dogs: photographs where there are, else the drawn ones.
        case animals
        /// Monitors along the episodes of the policy of this role.
        case rollouts(of: PolicyRole)
    }

    let claim: ClaimID
    let weight: Weight
    let endpoints: [Endpoint]
    let policies: Policies
    let conditions: Conditions
    /// Only rows that compare with the policy of this role.
    let against: PolicyRole?

    init(
        _ weight: Weight, _ claim: ClaimID, _ endpoints: [Endpoint], of policies: Policies = .role(.subject),
        at conditions: Conditions = .one(.heldout), against: PolicyRole? = nil
    ) {
        self.claim = claim
        self.weight = weight
        self.endpoints = endpoints
        self.policies = policies
        self.conditions = conditions
        self.against = against
    }

    /// The rows of a summary it names: condition by condition, endpoint by endpoint, policy by policy.
    func rows(_ summary: [SummaryRow], _ context: ProbeContext) -> [SummaryRow] {
        let names = names(summary, context)
        return conditions(summary, context).flatMap { condition in
            endpoints.flatMap { endpoint in
                let own = summary.filter {
                    $0.endpoint.family == endpoint.family && $0.condition == condition
                        && (against == nil || $0.against == against)
                }
                guard let names else { return own }
                return names.flatMap { name in own.filter { $0.policy == name } }
            }
        }
    }

    /// What must stand in the column `policy`; nil for anything.
    private func names(_ summary: [SummaryRow], _ context: ProbeContext) -> [String]? {
        switch policies {
        case .role(let role): return context.policy(role).map { [$0.name] } ?? []
        case .family(let role): return context.policy(role).flatMap(context.record).map { [$0.family] } ?? []
        case .monitor(let name): return [name]
        case .subjectAndSeeds:
            return context.policies.filter { $0.role == .subject || $0.role == .seed }.map(\.name).sorted()
        case .all: return nil
        }
    }

    /// Under which its endpoints have rows.
    private func known(_ summary: [SummaryRow]) -> Set<Condition> {
        Set(summary.filter { row in endpoints.contains { $0.family == row.endpoint.family } }.map(\.condition))
    }

    private func conditions(_ summary: [SummaryRow], _ context: ProbeContext) -> [Condition] {
        switch conditions {
        case .one(let condition): return [condition]
        case .first(let ordered): return Array(ordered.filter(known(summary).contains).prefix(1))
        case .allButFirst(let ordered): return Array(ordered.filter(known(summary).contains).dropFirst())
        case .each(let conditions): return conditions.filter(known(summary).contains)
        case .animals:
            let known = known(summary)
            let photographs = Condition.photographedAnimals.filter(known.contains)
            return photographs.isEmpty ? Condition.drawnAnimals.filter(known.contains) : photographs
        case .rollouts(let role): return context.policy(role).map { [.rollouts(of: $0)] } ?? []
        }
    }
}
