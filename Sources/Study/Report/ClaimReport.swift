import Basics
import Probes

/// What a run says of one claim, in words: made from the rows of its `claims.csv`, for every page that shows it.
struct ClaimReport {
    /// One number that bears on the claim.
    struct Line {
        let probe: String
        /// The endpoint's title, the policy and the condition.
        let title: String, policy: String, condition: String
        /// With its interval.
        let value: String
        let unit: String
        /// What it stands beside, with its value.
        let control: String
        let rule: String
        /// nil where no rule looks at it.
        let reading: Reading?
    }

    let id: String, verdict: String
    /// The claim's sentence, and when it is supported or refuted.
    let statement: String, rule: String
    /// Why the verdict is what it is.
    let reason: String
    let lines: [Line]

    var deciding: [Line] { lines.filter { $0.reading != nil } }

    /// Every claim of a table, in its order.
    static func all(_ rows: [ClaimRow], _ labels: Labels) -> [ClaimReport] {
        rows.distinct(\.claim).compactMap { id in
            ClaimReport(rows.filter { $0.claim == id }, labels)
        }
    }

    private init?(_ rows: [ClaimRow], _ labels: Labels) {
        guard let first = rows.first else { return nil }
        (id, verdict, statement, rule) = (first.claim, first.claimVerdict, first.statement, first.claimRule)
        let lines = rows.compactMap { Line($0, labels) }
        self.lines = lines
        let unasked = rows.filter { $0.reading == Claim.Verdict.notAsked.rawValue }.map { "\($0.probe ?? "a probe") was not asked: \($0.rule)" }
        reason = Self.reason(Claim.Verdict(rawValue: first.claimVerdict), lines, unasked, first.training)
    }

    private static func reason(_ verdict: Claim.Verdict?, _ lines: [Line], _ unasked: [String], _ training: ClaimRow.Training) -> String {
        func said(_ reading: Reading) -> String {
            lines.filter { $0.reading == reading }.map { "\($0.title) is \($0.value) for \($0.policy), \($0.condition) (\($0.rule))" }.joined(separator: "; ")
        }
        switch verdict {
        case .supported: return "every number that decides supports it: \(said(.supports))"
        case .refuted: return "contradicted: \(said(.contradicts))"
        case .undecided:
            let open = said(.open)
            return open.isEmpty ? "not every number that decides it was measured" : "left open: \(open)"
        case .notFitted:
            return "the policy under study has not fitted, so that its memory is not judged: its error on training windows is \(SummaryHeadline.interval(training.fit)) of the median D12"
        case .notAsked: return unasked.joined(separator: "; ")
        case nil: return ""
        }
    }
}

extension ClaimReport.Line {
    /// nil for a row that holds no number.
    init?(_ row: ClaimRow, _ labels: Labels) {
        guard let endpoint = row.endpoint, let policy = row.policy, let condition = row.condition else { return nil }
        self.policy = labels.policy(policy)
        self.condition = labels.condition(condition)
        title = labels.endpoint(endpoint)
        probe = row.probe ?? ""
        value = SummaryHeadline.interval(row.estimate)
        unit = row.valueUnit ?? ""
        control = row.control.map { "\(labels.control($0)) \(SummaryHeadline.short(row.controlValue))" } ?? ""
        rule = row.rule
        reading = row.reading.flatMap(Reading.init).flatMap { $0 == .shown ? nil : $0 }
    }
}
