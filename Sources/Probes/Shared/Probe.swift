import Basics
import Plots

/// One question about a policy: arrays in, rows of numbers out. A probe reads no file and runs no network.
///
/// A probe owns its folder: what it needs, what it publishes, what that says of the oracles and the claims, its figures.
public protocol Probe: Sendable {
    /// Short name as in configurations and file names, for instance `p02`.
    var name: String { get }
    var title: String { get }
    /// What the study must have measured, beside what the policies generated.
    var needs: Set<Need> { get }
    /// What it publishes in `summary.csv`, in the order of `oracles.csv`.
    var endpoints: [Endpoint] { get }
    /// Which of its rows bear on which claim.
    var evidence: [Evidence] { get }
    /// What it writes for every generated sequence that two runs can be compared by.
    var sampleMeasures: [SampleMeasure] { get }
    /// Why these demonstrations cannot answer the question, in half a sentence; nil where they may. It is asked before
    /// anything is trained.
    func reasonNotToAsk(_ data: DataSummary) -> String?
    /// - Throws: `Failure` when the context lacks what the question needs; of the kind `data` it leaves out this probe alone.
    func run(_ context: ProbeContext) throws -> ProbeResult
    /// The figures, from the tables that `run` returned.
    /// - Throws: `Failure` for a table that cannot be read.
    func figures(_ source: any FigureSource) throws -> [any Figure]
}

extension Probe {
    public var needs: Set<Need> { [] }
    public var evidence: [Evidence] { [] }
    public var sampleMeasures: [SampleMeasure] { [] }
    public func reasonNotToAsk(_ data: DataSummary) -> String? { nil }
    public func figures(_ source: any FigureSource) throws -> [any Figure] { [] }
}

/// What a probe needs a study to measure. A study that cannot give it leaves the probe out, with the reason.
public enum Need: Hashable, Sendable, CaseIterable {
    /// Points of the observations in several spaces.
    case spaces
    /// Points of the observations by the keys that a lookup table may have, and its variants' errors.
    case tableVariants
    /// Answers of the denoisers at noisy sequences.
    case denoisers
    /// Scores of the policy's own monitors.
    case monitors
    /// Times and sizes of single queries.
    case costs
    /// Curves in the plane, learned and sampled.
    case manifolds
    /// Policies trained on the reference demonstrations.
    case twin
    /// Policies trained on other numbers of demonstrations.
    case sizes
    /// Policies trained on other divisions of the demonstrations, as far as there are some.
    case splits
    /// Policies trained on demonstrations nearer together or farther apart.
    case spacings
    /// The policy under study at several steps of its training.
    case checkpoints
    /// Episodes in the simulator.
    case rollouts
    /// Scores of monitors along episodes; none where there are no episodes, which keeps no probe from being asked.
    case monitoredRollouts
    /// Answers to images of one demonstration with the pose of another.
    case mixtures
    /// Answers to scenes of the simulator that no demonstration holds, and to moments from which several ways were demonstrated.
    case scenes, forks
    /// Conditions whose pictures are not those of the demonstrations.
    case pictures
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

/// A table of a probe, `probes/<name>.csv`: written and read back by the same columns.
public protocol ProbeTable: Record {
    static var name: String { get }
}

extension ProbeTable {
    /// Rows under their name, for `ProbeResult`.
    static func table(_ rows: [Self]) -> (name: String, table: Table) { (name, Table(rows)) }
}

/// The tables of a run, for figures: what is drawn is what was written.
public protocol FigureSource {
    /// Every policy of the study, in the order of the catalogue.
    var policies: [PolicyID] { get }
    var rules: DecisionRules { get }
    /// Header and rows of a table; nil when the run has none of that name.
    func texts(_ table: String) throws -> (columns: [String], rows: [[String]])?
}

extension FigureSource {
    /// The rows of a table, none when the run has no such table.
    /// - Throws: `Failure` when a column is absent or a cell is not of its form.
    public func rows<Row: ProbeTable>(_ type: Row.Type) throws -> [Row] {
        guard let (columns, rows) = try texts(Row.name) else { return [] }
        return try Row.rows(columns: columns, rows, file: Row.name + ".csv")
    }

    /// The policies of these roles, role by role, of which there are rows.
    func policies(_ roles: [PolicyRole], in names: [String]) -> [PolicyID] {
        let present = Set(names)
        return roles.flatMap { role in policies.filter { $0.role == role && present.contains($0.name) } }
    }
}
