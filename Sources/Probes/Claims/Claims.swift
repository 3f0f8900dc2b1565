import Basics

/// One number that bears on a claim, with what it says about it.
public struct ClaimEvidence: Sendable, Equatable {
    public let row: SummaryRow
    public let rule: String
    public let reading: Reading
}

/// What a study says about one claim of the paper.
public struct Claim: Sendable, Equatable {
    public enum Verdict: String, Sendable, CaseIterable {
        case supported, refuted, undecided
        /// The policy has not fitted its training windows, so its memory cannot be judged.
        case notFitted = "not fitted"
        /// A probe that decides it was not asked, and nothing else refutes it.
        case notAsked = "not asked"

        /// For the glossary.
        public var meaning: String {
            switch self {
            case .supported: "of a claim: every number that decides is there and supports it"
            case .refuted: "of a claim: a number that decides contradicts it"
            case .undecided: "of a claim: neither"
            case .notFitted: "of a claim about memory: the policy under study has not fitted its training windows"
            case .notAsked: "of a claim: a probe that decides it was not asked, with the reason, and nothing else refutes it"
            }
        }
    }

    /// A probe that would have decided it, and why it was not asked.
    public struct Unasked: Sendable, Equatable {
        public let probe: String
        public let reason: String
    }

    public let id: ClaimID
    public let statement: String
    /// What must hold for which verdict, with the bounds of `DecisionRules`.
    public let rule: String
    public let evidence: [ClaimEvidence]
    public let unasked: [Unasked]
    public let verdict: Verdict
}

/// The claims C1 to C9 of arXiv 2505.05787 under rules that were fixed before the run.
///
/// Every rule reads typed rows of the summary through the criteria of their endpoints, and nothing else; which rows bear on
/// which claim is declared by the probes. Where the policy under study has not fitted its training windows, no claim about
/// its memory (C1 to C5) is judged.
public struct Claims: Sendable {
    public let all: [Claim]
    /// How the policy under study was trained, and its fit: what stands beside every verdict.
    public let record: PolicyRecord?
    public let fit: Estimate?

    /// - Parameters:
    ///   - unasked: Why probes were not asked, by their names.
    ///   - probes: Those that declare the evidence, in the order in which it is printed.
    public init(
        _ summary: [SummaryRow], context: ProbeContext, unasked: [String: String] = [:], probes: [any Probe] = AllProbes.all
    ) {
        let subject = context.policy(.subject), check = subject.flatMap { context.fits[$0] }
        record = subject.flatMap(context.record)
        fit = check?.ratio
        let isFitted = check?.isFitted ?? false
        let declared = probes.flatMap(\.evidence)
        all = ClaimID.allCases.map { id in
            let rule = ClaimRule(id, context.rules), own = declared.filter { $0.claim == id }
            func judged(_ weight: Evidence.Weight) -> [ClaimEvidence] {
                own.filter { $0.weight == weight }.flatMap { Self.judged($0, summary, context) }
            }
            func read(_ weight: Evidence.Weight) -> [ClaimEvidence] { judged(weight).filter { $0.reading != .shown } }
            let evidence = Evidence.Weight.allCases.flatMap(judged)
            let missing = Self.missing(id, rule, unasked, probes, context)
            let verdict = rule.verdict(
                read(.decides), whereMeasured: read(.decidesWhereMeasured),
                wanted: own.filter { $0.weight == .decides }.reduce(0) { $0 + $1.endpoints.count })
            let found: Claim.Verdict = rule.isAboutMemory && !isFitted ? .notFitted : verdict
            return Claim(
                id: id, statement: rule.statement, rule: rule.sentence, evidence: evidence, unasked: missing,
                verdict: missing.isEmpty || found == .refuted ? found : .notAsked)
        }
    }

    /// The probes that decide a claim and were not asked. Where there is no unit, a claim about memory lacks the fit (P01).
    private static func missing(
        _ id: ClaimID, _ rule: ClaimRule, _ unasked: [String: String], _ probes: [any Probe], _ context: ProbeContext
    ) -> [Claim.Unasked] {
        let deciding = probes.filter { probe in probe.evidence.contains { $0.claim == id && $0.weight == .decides } }
        let missing = deciding.compactMap { probe in
            unasked[probe.name].map { Claim.Unasked(probe: probe.name, reason: $0) }
        }
        guard missing.isEmpty, rule.isAboutMemory, context.medianD12 == 0 else { return missing }
        return [Claim.Unasked(probe: Endpoint.trainError.probe, reason: DataSummary.noUnit)]
    }

    private static func judged(
        _ evidence: Evidence, _ summary: [SummaryRow], _ context: ProbeContext
    ) -> [ClaimEvidence] {
        evidence.rows(summary, context).map { row in
            guard [.decides, .decidesWhereMeasured].contains(evidence.weight), let criterion = row.endpoint.criterion?(context.rules) else {
                return ClaimEvidence(row: row, rule: "shown", reading: .shown)
            }
            let finding = Criterion.Finding(estimate: row.estimate, control: row.controlEstimate, verdict: row.verdict)
            return ClaimEvidence(row: row, rule: criterion.rule, reading: criterion.reading(finding))
        }
    }

    /// `claims.csv`: one row per piece of evidence.
    public var table: Table {
        let training = ClaimRow.Training(
            fit: fit ?? Estimate(value: nil), loss: record?.loss, steps: record?.steps, epochs: record?.epochs,
            windows: record?.windows)
        return Table(
            all.flatMap { claim -> [ClaimRow] in
                let rows =
                    claim.unasked.map { ClaimRow(claim, $0, training) } + claim.evidence.map { ClaimRow(claim, $0, training) }
                return rows.isEmpty ? [ClaimRow(claim, training)] : rows
            })
    }
}

/// A row of `claims.csv`: a claim with its verdict, a piece of evidence with what it says, and the fit of the policy under
/// study.
public struct ClaimRow: ProbeTable {
    public struct Training: Record {
        /// Sampled error on training windows over the median D12.
        public var fit = Estimate(value: nil)
        public var loss: Double?, steps: Int?, epochs: Double?, windows: Int?

        public init() {}

        init(fit: Estimate, loss: Double?, steps: Int?, epochs: Double?, windows: Int?) {
            self.fit = fit
            self.loss = loss
            self.steps = steps
            self.epochs = epochs
            self.windows = windows
        }

        public static var columns: [Column<Training>] {
            [
                .bounds("fit", \.fit), Column("training_loss", \.loss), Column("steps", \.steps), Column("epochs", \.epochs),
                Column("windows", \.windows),
            ]
        }
    }

    public static let name = "claims"
    public var claim = "", claimVerdict = "", statement = ""
    /// When the claim is supported and when refuted; `rule` is that of the row's number.
    public var claimRule = ""
    public var probe: String?, endpoint: String?, policy: String?, condition: String?
    public var estimate = Estimate(value: nil)
    public var valueUnit: String?, n: Int?, unit: String?, control: String?, controlValue: Double?
    public var rule = ""
    public var reading: String?
    public var training = Training()

    public init() {}

    init(_ claim: Claim, _ training: Training) {
        self.claim = claim.id.rawValue
        claimVerdict = claim.verdict.rawValue
        statement = claim.statement
        claimRule = claim.rule
        self.training = training
    }

    /// In place of the evidence that a probe would have brought.
    init(_ claim: Claim, _ unasked: Claim.Unasked, _ training: Training) {
        self.init(claim, training)
        probe = unasked.probe
        rule = unasked.reason
        reading = Claim.Verdict.notAsked.rawValue
    }

    init(_ claim: Claim, _ evidence: ClaimEvidence, _ training: Training) {
        self.init(claim, training)
        rule = evidence.rule
        let row = evidence.row
        probe = row.endpoint.probe
        endpoint = row.endpoint.key
        policy = row.policy
        condition = row.condition.name
        estimate = row.estimate
        valueUnit = row.endpoint.unit
        n = row.n
        unit = row.unit
        control = row.control.name
        controlValue = row.controlValue
        reading = evidence.reading.rawValue
    }

    public static var columns: [Column<ClaimRow>] {
        [
            Column("claim", \.claim), Column("claim_verdict", \.claimVerdict), Column("statement", \.statement),
            Column("claim_rule", \.claimRule),
            Column("probe", \.probe), Column("endpoint", \.endpoint), Column("policy", \.policy),
            Column("condition", \.condition), .interval("value", \.estimate), Column("unit", \.valueUnit), Column("n", \.n),
            Column("n_unit", \.unit), Column("control", \.control), Column("control_value", \.controlValue), Column("rule", \.rule),
            Column("verdict", \.reading), Column(\.training),
        ]
    }
}
