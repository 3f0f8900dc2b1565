/// One number that bears on a claim, with what it says about it.
public struct ClaimEvidence: Sendable, Equatable {
    public enum Verdict: String, Sendable {
        case supports, contradicts, open
        /// Printed for the reader; the rule does not look at it.
        case shown
    }

    public let row: SummaryRow
    public let rule: String
    public let verdict: Verdict

    /// The probe that measured it: the endpoint's first part.
    public var probe: String { String(row.endpoint.prefix { $0 != "_" }) }
}

/// What a study says about one claim of the paper.
public struct Claim: Sendable, Equatable {
    public enum Verdict: String, Sendable {
        case supported, refuted, undecided
        /// The policy has not fitted its training windows, so its memory cannot be judged.
        case notFitted = "not fitted"
    }

    /// As in the paper's list: `C1`.
    public let name: String
    public let statement: String
    /// What must hold for which verdict, with the bounds of `DecisionRules`.
    public let rule: String
    public let evidence: [ClaimEvidence]
    public let verdict: Verdict
}
