import Basics
import Plots

/// A row of `p04_rules`: one rule against one policy.
struct RuleRow: ProbeTable {
    static let name = "p04_rules"
    var policy = ""
    var condition = Condition("")
    var rule = Explanation.mean
    var error = Estimate(value: nil), skill = Estimate(value: nil), wins = Estimate(value: nil)

    init() {}

    init(_ evaluated: EvaluatedChunks, _ rule: Explanation, _ score: ExplanationScores.Score) {
        policy = evaluated.policy.name
        condition = evaluated.condition
        self.rule = rule
        error = score.error
        skill = score.skill
        wins = score.wins
    }

    static var columns: [Column<RuleRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("rule", \.rule), .bounds("error", \.error),
            .bounds("skill", \.skill), .bounds("wins", \.wins),
        ]
    }
}

/// A row of `p04_rank_match`: one policy in one space.
struct RankMatchRow: ProbeTable {
    static let name = "p04_rank_match"
    var policy = ""
    var condition = Condition("")
    var space = Space("")
    var percentile = Estimate(value: nil), heldout = Estimate(value: nil), difference = Estimate(value: nil)
    var permuted = 0.0, p = 0.0, adjustedP = 0.0

    init() {}

    init(_ evaluated: EvaluatedChunks, _ match: RankMatch, adjustedP: Double) {
        policy = evaluated.policy.name
        condition = evaluated.condition
        space = match.space
        percentile = match.percentile
        heldout = match.heldout
        difference = match.difference
        permuted = match.permuted
        p = match.p
        self.adjustedP = adjustedP
    }

    static var columns: [Column<RankMatchRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("space", \.space),
            .interval("percentile", \.percentile), .bounds("heldout", \.heldout), .bounds("difference", \.difference),
            Column("permuted", \.permuted), Column("p", \.p), Column("p_holm", \.adjustedP),
        ]
    }
}

/// A row of `p04_samples`: one generated chunk. Beside these columns the file has the error of every rule.
struct ContestSample: ProbeTable {
    static let name = "p04_samples"
    var key = SampleKey()
    var winner = Explanation.mean
    /// Distance to each rule's chunk.
    private var errors: [Double] = []

    init() {}

    /// - Parameter place: of the chunk among the rows of `scores`.
    init(_ evaluated: EvaluatedChunks, _ place: Int, _ scores: ExplanationScores, _ rules: [Explanation]) {
        key = SampleKey(evaluated, scores.rows[place])
        winner = rules[scores.winner[place]]
        errors = scores.errors.map { $0[place] }
    }

    static var columns: [Column<ContestSample>] { [Column(\.key), Column("winner", \.winner)] }

    /// The fixed columns and `error_<rule>` for each rule.
    static func table(_ samples: [ContestSample], _ rules: [Explanation]) -> (name: String, table: Table) {
        let fixed = Table(samples)
        var table = Table(columns: fixed.columns + rules.map { "error_\($0.name)" })
        for (cells, sample) in zip(fixed.rows, samples) { table.append(cells + sample.errors.map(\.cell)) }
        return (name, table)
    }
}

extension ExplanationContest {
    /// The rules that compete over what is nearest, then the best of the other kinds, then what all are compared with.
    private static let drawn: [Explanation] = [
        .windows(.nearest, .pixels), .windows(.nearest, .pose), .windows(.nearest, .tableEncoder),
        .windows(.nearest, .subjectEncoder), .windows(.kernel, .subjectEncoder), .windows(.linear, .subjectEncoder),
        .windows(.linear, .trueState),
    ]
    private static let controls: [Explanation] = [.truth, .mean, .phaseMean]

    /// How far a policy's sequences lie from what each rule would answer.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(RuleRow.self).filter { $0.condition == .heldout }
        let policies = source.policies(PolicyRole.drawn, in: rows.map(\.policy)).map(\.name)
        guard !policies.isEmpty else { return [] }
        let series = (Self.drawn + Self.controls).map { rule in
            Plot.Series(
                rule.name, isControl: Self.controls.contains(rule),
                rows.filter { $0.rule.name == rule.name }.points(along: policies, by: \.policy, y: \.error))
        }
        return [
            Plot(
                name: "p04_rules",
                title: "Distance of a policy's sequences to the answer of each rule, held-out observations",
                xLabel: "policy", yLabel: "error (training standard deviations)", kind: .intervals(categories: source.categories(policies)),
                series: series)
        ]
    }
}
