import Basics
import Probes

/// Which number of a summary.
struct EndpointKey: Hashable {
    let endpoint: String, policy: String
    let condition: Condition

    init(endpoint: String, policy: String, condition: Condition) {
        (self.endpoint, self.policy, self.condition) = (endpoint, policy, condition)
    }

    init(_ row: SummaryRecord) { (endpoint, policy, condition) = (row.endpoint, row.policy, row.condition) }

    /// nil for a row of claims that holds no number.
    init?(_ row: ClaimRow) {
        guard let endpoint = row.endpoint, let policy = row.policy, let condition = row.condition else { return nil }
        (self.endpoint, self.policy, self.condition) = (endpoint, policy, Condition(condition))
    }
}

/// A row of `paired.csv`.
struct PairedRow: Record {
    var run = "", number = "", title = "", policy = ""
    var condition = Condition("")
    /// The means of the first run and of this one over what they share.
    var first = 0.0, second = 0.0
    var difference = Estimate(value: nil)
    var valueUnit = ""
    var n = 0
    var unit = ""

    var key: PolicyCondition { PolicyCondition(policy: policy, condition: condition) }

    static var columns: [Column<PairedRow>] {
        [
            Column("run", \.run), Column("number", \.number), Column("policy", \.policy), Column("condition", \.condition),
            Column("run_1_value", \.first), Column("value", \.second),
            .interval("difference", \.difference),
            Column("unit", \.valueUnit), Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}

/// A row of a pool's `endpoints.csv`: one number of the summary over the runs that have it.
struct PooledRow: Record {
    var endpoint = "", policy = ""
    var condition = Condition("")
    var valueUnit = ""
    /// Over runs, with Student's interval.
    var mean = Estimate(value: nil)
    var smallest: Double?, largest: Double?
    var runs = 0
    /// "supported 3, undecided 1".
    var verdicts = ""

    var key: EndpointKey { EndpointKey(endpoint: endpoint, policy: policy, condition: condition) }

    init() {}

    init(_ key: EndpointKey, _ rows: [SummaryRecord]) {
        (endpoint, policy, condition) = (key.endpoint, key.policy, key.condition)
        valueUnit = rows.first?.valueUnit ?? ""
        let values = rows.compactMap(\.estimate.value)
        mean = StudentT.estimate(values)
        (smallest, largest) = (values.min(), values.max())
        runs = values.count
        verdicts = rows.map(\.verdict).filter { !$0.isEmpty }.counted
    }

    static var columns: [Column<PooledRow>] {
        [
            Column("endpoint", \.endpoint), Column("policy", \.policy), Column("condition", \.condition), Column("unit", \.valueUnit),
            .interval("mean", \.mean), Column("smallest", \.smallest), Column("largest", \.largest), Column("n_runs", \.runs),
            Column("verdicts", \.verdicts),
        ]
    }
}

/// A row of `two_levels.csv`: a number known of every demonstration or start, over runs and over those.
struct TwoLevelRow: Record {
    var number = "", title = "", policy = ""
    var condition = Condition("")
    var mean = Estimate(value: nil)
    var valueUnit = ""
    var runs = 0, n = 0
    var unit = ""

    var key: PolicyCondition { PolicyCondition(policy: policy, condition: condition) }

    init() {}

    /// - Parameter groups: the values of every run that has some.
    init(_ number: String, _ title: String, _ key: PolicyCondition, _ groups: [[Double]], _ valueUnit: String, _ unit: String, _ resampling: Resampling) {
        (self.number, self.title, policy, condition) = (number, title, key.policy, key.condition)
        (self.valueUnit, self.unit) = (valueUnit, unit)
        runs = groups.count
        n = groups.reduce(0) { $0 + $1.count }
        mean = resampling.mean(groups, "\(number) \(key.policy) \(key.condition)")
    }

    static var columns: [Column<TwoLevelRow>] {
        [
            Column("number", \.number), Column("policy", \.policy), Column("condition", \.condition), .interval("mean", \.mean),
            Column("unit", \.valueUnit), Column("n_runs", \.runs), Column("n", \.n), Column("n_unit", \.unit),
        ]
    }
}

/// Means with bootstrap intervals, whose draws follow from a seed, a purpose and what is estimated.
struct Resampling {
    private let seed: Seed
    private let resamples: Int
    private let pool = WorkerPool(workers: 1)

    init(seed: Int, purpose: String, resamples: Int) {
        self.seed = Seed(UInt64(bitPattern: Int64(seed))) / purpose
        self.resamples = resamples
    }

    /// Over groups, then members of a group, all members weighing the same.
    func mean(_ groups: [[Double]], _ name: String) -> Estimate {
        let values = groups.flatMap { $0 }, group = groups.enumerated().flatMap { place, own in own.map { _ in place } }
        return mean(values, levels: [group], name)
    }

    /// Over the values.
    func mean(_ values: [Double], _ name: String) -> Estimate { mean(values, levels: [], name) }

    private func mean(_ values: [Double], levels: [[Int]], _ name: String) -> Estimate {
        HierarchicalBootstrap(levels: levels, rowCount: values.count, resamples: resamples, seed: seed / name, pool: pool).estimate { weights in
            zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
        }
    }
}

extension [String] {
    /// Every word with how often it stands there: "supported 3, undecided 1".
    var counted: String { distinct.map { word in "\(word) \(count { $0 == word })" }.joined(separator: ", ") }
}
