import Basics

/// A number that a probe publishes in `summary.csv`, known by name to claims, figures and the table of oracles.
public struct Endpoint: Sendable {
    /// Which way memory moves the number.
    public enum Direction: Sendable {
        /// Larger, or smaller, for a policy that recalls than for one that generalises.
        case raisedByMemory, loweredByMemory
        case neither
    }

    /// In `summary.csv`; begins with the probe's name.
    public let key: String
    /// In figures and reports, a few words; what a member of a family is about stands for `#`.
    public let title: String
    /// How it is computed.
    public let formula: String
    /// Of its value.
    public let unit: String
    /// What stands beside it, unless the row names another.
    public let control: Control
    public let direction: Direction
    /// Whether memorizer and generalizer must lie apart: a row of `oracles.csv`.
    public let separatesOracles: Bool
    /// When the number speaks for a claim; nil where no claim depends on it.
    let criterion: (@Sendable (DecisionRules) -> Criterion)?
    /// The endpoint this one is a member of, such as the shares at several numbers of demonstrations; else `key`.
    let family: String

    init(
        _ key: String, _ title: String, _ formula: String, unit: String, control: Control, _ direction: Direction = .neither, separatesOracles: Bool = false,
        family: String? = nil, criterion: (@Sendable (DecisionRules) -> Criterion)? = nil
    ) {
        precondition(!separatesOracles || direction != .neither, "\(key) separates oracles without a direction")
        self.key = key
        self.title = title
        self.formula = formula
        self.unit = unit
        self.control = control
        self.direction = direction
        self.separatesOracles = separatesOracles
        self.family = family ?? key
        self.criterion = criterion
    }

    /// A member of a family of endpoints: `p13_dcr_share_n` and `8`.
    func member(_ name: some CustomStringConvertible) -> Endpoint {
        Endpoint(
            "\(key)\(name)", title.replacing("#", with: "\(name)".replacing("_", with: " ")), formula, unit: unit, control: control, direction, separatesOracles: separatesOracles, family: key,
            criterion: criterion)
    }

    /// The probe that publishes it.
    public var probe: String { String(key.prefix { $0 != "_" }) }

    /// What a number says under this endpoint's criterion.
    func reading(_ estimate: Estimate, control: Estimate = Estimate(value: nil), _ rules: DecisionRules) -> Reading {
        guard let criterion else { preconditionFailure("\(key) has no criterion") }
        return criterion(rules).reading(Criterion.Finding(estimate: estimate, control: control))
    }

    /// The row for one policy under one condition.
    func row(
        _ evaluated: EvaluatedChunks, _ estimate: Estimate, control: Control? = nil, _ controlEstimate: Estimate?,
        n: Int? = nil, _ verdict: Verdict = .measured
    ) -> SummaryRow {
        row(
            evaluated.policy.name, evaluated.condition, estimate, control: control, controlEstimate, n: n ?? evaluated.units,
            unit: evaluated.generated.unit, verdict)
    }

    func row(
        _ evaluated: EvaluatedChunks, _ estimate: Estimate, control: Control? = nil, _ controlValue: Double?,
        n: Int? = nil, _ verdict: Verdict = .measured
    ) -> SummaryRow {
        row(evaluated, estimate, control: control, Estimate(value: controlValue), n: n, verdict)
    }

    /// - Parameter policy: the name in the row's column: a policy, a family, a space, a monitor or `data`.
    func row(
        _ policy: String, _ condition: Condition, _ estimate: Estimate, control: Control? = nil,
        _ controlEstimate: Estimate?, n: Int, unit: String = "demonstration", _ verdict: Verdict
    ) -> SummaryRow {
        SummaryRow(
            endpoint: self, policy: policy, condition: condition, estimate: estimate, n: n, unit: unit,
            control: control ?? self.control, controlEstimate: controlEstimate ?? Estimate(value: nil), verdict: verdict)
    }
}

extension Endpoint: Equatable {
    public static func == (first: Endpoint, second: Endpoint) -> Bool { first.key == second.key }
}

/// What a number stands beside; the name is the cell of the column `control`.
public struct Control: Hashable, Sendable {
    public let name: String
    public init(_ name: String) { self.name = name }

    /// The same number for true held-out chunks.
    static let heldout = Control("heldout")
    /// What there is without any effect: 0 of a difference, 0.5 of a share of two equal halves. Not called `null`, which other
    /// programs read as missing.
    static let noEffect = Control("no_effect")
    static let chance = Control("chance")
    /// The bound of the decision rules.
    static let bound = Control("bound")
    static let threshold = Control("threshold")
}

extension Control: CellValue {
    public var cell: Table.Cell { .text(name) }
    public init?(cell text: String) { self.init(text) }
    public static var form: String { "a control" }
}

/// One number with its interval, its control and what it says: a row of `summary.csv`.
public struct SummaryRow: Sendable, Equatable {
    public var endpoint: Endpoint
    public var policy: String
    public var condition: Condition
    /// 95 % interval; none when fewer than two independent units stand behind the value.
    public var estimate: Estimate
    /// Independent units behind the value, and what they are (demonstration, picture, query).
    public var n: Int
    public var unit: String
    public var control: Control
    /// The control's value, with its interval where it has one: the criterion may need it, the file holds the value.
    public var controlEstimate: Estimate
    public var verdict: Verdict
    /// The role of the policy that this one is compared with, where a row compares two.
    var against: PolicyRole?

    public var value: Double? { estimate.value }
    public var low: Double? { estimate.low }
    public var high: Double? { estimate.high }
    public var controlValue: Double? { controlEstimate.value }

    /// The row as it stands in the file.
    public var record: SummaryRecord {
        SummaryRecord(
            endpoint: endpoint.key, policy: policy, condition: condition, estimate: estimate, valueUnit: endpoint.unit, n: n,
            unit: unit, control: control.name, controlValue: controlValue, verdict: verdict.rawValue)
    }
}

/// A line of `summary.csv`, with names as text: what is written and what figures and reports read.
public struct SummaryRecord: ProbeTable {
    public static let name = "summary"
    public var endpoint = "", policy = ""
    public var condition = Condition("")
    public var estimate = Estimate(value: nil)
    /// Of the value.
    public var valueUnit = ""
    public var n = 0
    /// What `n` counts: the independent units that intervals resample.
    public var unit = "", control = ""
    public var controlValue: Double?
    public var verdict = ""

    public init() {}

    init(
        endpoint: String, policy: String, condition: Condition, estimate: Estimate, valueUnit: String, n: Int, unit: String,
        control: String, controlValue: Double?, verdict: String
    ) {
        self.endpoint = endpoint
        self.policy = policy
        self.condition = condition
        self.estimate = estimate
        self.valueUnit = valueUnit
        self.n = n
        self.unit = unit
        self.control = control
        self.controlValue = controlValue
        self.verdict = verdict
    }

    public static var columns: [Column<SummaryRecord>] {
        [
            Column("endpoint", \.endpoint), Column("policy", \.policy), Column("condition", \.condition),
            .interval("value", \.estimate), Column("unit", \.valueUnit), Column("n", \.n), Column("n_unit", \.unit),
            Column("control", \.control), Column("control_value", \.controlValue), Column("verdict", \.verdict),
        ]
    }
}
