import Basics

/// One question about a policy: arrays in, rows of numbers out. A probe reads no file and runs no network.
public protocol Probe: Sendable {
    /// Short name as in configurations and file names, for instance `p02`.
    var name: String { get }
    var title: String { get }
    /// - Throws: `Failure` when the context lacks what the question needs.
    func run(_ context: ProbeContext) throws -> ProbeResult
}

/// What a probe returns: tables by name (one CSV file each) and rows for `summary.csv`.
public struct ProbeResult: Sendable {
    public var tables: [(name: String, table: Table)]
    public var summary: [SummaryRow]

    public init(tables: [(name: String, table: Table)] = [], summary: [SummaryRow] = []) {
        self.tables = tables
        self.summary = summary
    }
}

/// One number with its interval, its control and what it says.
public struct SummaryRow: Sendable, Equatable {
    public var endpoint: String
    public var policy: String
    public var condition: String
    public var value: Double?
    /// 95 % interval; nil when fewer than two independent units stand behind the value.
    public var low: Double?
    public var high: Double?
    /// Independent units behind the value, and what they are (demonstration, picture, query).
    public var n: Int
    public var unit: String
    public var control: String
    public var controlValue: Double?
    public var verdict: String

    init(
        _ endpoint: String, policy: String, condition: String, _ estimate: Estimate, n: Int, unit: String,
        control: String, controlValue: Double?, verdict: Verdict
    ) {
        self.endpoint = endpoint
        self.policy = policy
        self.condition = condition
        value = estimate.value
        low = estimate.low
        high = estimate.high
        self.n = n
        self.unit = unit
        self.control = control
        self.controlValue = controlValue
        self.verdict = verdict.rawValue
    }

    public static let columns = [
        "endpoint", "policy", "condition", "value", "ci_low", "ci_high", "n", "unit", "control", "control_value",
        "verdict",
    ]

    /// The row under `columns`.
    public var cells: [Table.Cell] {
        [
            .text(endpoint), .text(policy), .text(condition), Table.Cell(value), Table.Cell(low), Table.Cell(high),
            .integer(n), .text(unit), .text(control), Table.Cell(controlValue), .text(verdict),
        ]
    }
}

/// Every probe, in the order they run. Adding one is a file and a line here.
public enum AllProbes {
    public static let all: [any Probe] = [
        DataAudit(), TrainPointRecall(), PaperAudit(), CalibratedMemorization(), ExplanationContest(),
        ExactDenoiserComparison(), CopyBlendNovel(), NonsenseFallback(), TwinModels(), TrainingTime(), DataSize(),
        ManifoldMemory(), CoverageAgainstMemory(), MonitorBench(), InferenceCost(), EmbeddingAudit(), ConclusionRobustness(),
        OpenLoopError(),
    ]
}
