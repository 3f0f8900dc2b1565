import Basics

/// The claims C1 to C8 of arXiv 2505.05787 under rules that were fixed before the run.
///
/// Every rule reads rows of `summary.csv` and the bounds of `DecisionRules`, and nothing else. Where the policy under
/// study has not fitted its training windows, no claim about its memory (C1 to C5) is judged.
public struct Claims: Sendable {
    public let all: [Claim]
    /// How the policy under study was trained, and its fit: what stands beside every verdict.
    public let record: PolicyRecord?
    public let fit: Estimate?

    /// The policy under study.
    static let subject = "diffusion_ddpm"

    public init(_ summary: [SummaryRow], context: ProbeContext) {
        record = context.record(Self.subject)
        fit = context.fits[Self.subject]?.ratio
        let isFitted = context.fits[Self.subject]?.isFitted ?? false
        let rules = ClaimRules(summary, context.rules)
        all = rules.aboutMemory.map { isFitted ? $0 : $0.withheld } + rules.aboutTheTable
    }

    /// One row per piece of evidence: claim, claim_verdict, statement, probe, endpoint, policy, condition, value,
    /// ci_low, ci_high, n, unit, control, control_value, rule, verdict (of this row), then the fit of the policy under
    /// study: error over D12 with interval, training loss, steps, epochs, windows.
    public var table: Table {
        var table = Table(columns: [
            "claim", "claim_verdict", "statement", "probe", "endpoint", "policy", "condition", "value", "ci_low",
            "ci_high", "n", "unit", "control", "control_value", "rule", "verdict", "fit", "fit_low", "fit_high",
            "training_loss", "steps", "epochs", "windows",
        ])
        let training: [Table.Cell] = [
            Table.Cell(fit?.value), Table.Cell(fit?.low), Table.Cell(fit?.high), Table.Cell(record?.loss),
            record.map { .integer($0.steps) } ?? .missing, Table.Cell(record?.epochs),
            record.map { .integer($0.windows) } ?? .missing,
        ]
        for claim in all {
            let front: [Table.Cell] = [.text(claim.name), .text(claim.verdict.rawValue), .text(claim.statement)]
            guard !claim.evidence.isEmpty else {
                let nothing = [Table.Cell](repeating: .missing, count: 11)
                table.append(front + nothing + [.text(claim.rule), .missing] + training)
                continue
            }
            for evidence in claim.evidence {
                let row = evidence.row
                table.append(
                    front + [
                        .text(evidence.probe), .text(row.endpoint), .text(row.policy), .text(row.condition),
                        Table.Cell(row.value), Table.Cell(row.low), Table.Cell(row.high), .integer(row.n),
                        .text(row.unit), .text(row.control), Table.Cell(row.controlValue), .text(evidence.rule),
                        .text(evidence.verdict.rawValue),
                    ] + training)
            }
        }
        return table
    }
}

extension Claim {
    /// The same claim where the policy has not fitted.
    var withheld: Claim {
        Claim(name: name, statement: statement, rule: rule, evidence: evidence, verdict: .notFitted)
    }
}
