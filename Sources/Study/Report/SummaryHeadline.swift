import Basics
import Probes

/// The few numbers of a run's `summary.csv` that answer its question, as tables for people.
public struct SummaryHeadline {
    private let rows: [SummaryRecord]
    /// The policy under study and, where there is one, the same under a faster sampler.
    private let studied: [PolicyID]
    private static let controls = [Catalogue.table, Catalogue.memorizer, Catalogue.interpolator, Catalogue.generalizer, Catalogue.expert]

    /// - Parameter folder: of a run
    /// - Throws: `Failure` when its summary or its settings are absent or damaged.
    public init(run folder: String) throws {
        let catalogue = Catalogue(try ExperimentFile.load("\(folder)/config.yaml").settings)
        try self.init("\(folder)/summary.csv", catalogue)
    }

    /// - Parameter path: a `summary.csv`
    init(_ path: String, _ catalogue: Catalogue) throws {
        rows = try SummaryRecord.read(path)
        studied = [PolicyRole.subject, .sampler].compactMap { catalogue.first($0)?.id }
    }

    /// Rows of `summary.csv`.
    public var rowCount: Int { rows.count }

    /// The tables, each under a line that says what it shows; those whose probe did not run are left out.
    public var text: String {
        [fit, heldout, pictures, cost].filter { !$0.lines.isEmpty }.map { title, columns, lines in
            title + "\n" + TextColumns.align(([columns] + lines).map { ["  " + $0[0]] + $0.dropFirst() })
        }.joined(separator: "\n")
    }

    /// Every row: aligned columns, numbers shortened.
    public var allRows: String {
        let header = ["endpoint", "policy", "condition", "value", "interval", "n", "control", "control_value", "verdict"]
        func text(_ value: String) -> String { value.isEmpty ? "-" : value }
        func number(_ value: Double?) -> String { value.map { SignificantDigits.shortened($0) } ?? "-" }
        return TextColumns.align(
            [header]
                + rows.map { row in
                    let (low, high) = (number(row.estimate.low), number(row.estimate.high))
                    return [
                        row.endpoint, row.policy, row.condition.name, number(row.estimate.value),
                        low == "-" ? "-" : "\(low) .. \(high)", "\(row.n) \(row.unit)", text(row.control), number(row.controlValue),
                        text(row.verdict),
                    ]
                })
    }

    private typealias Section = (title: String, columns: [String], lines: [[String]])

    private var fit: Section {
        (
            "Fit: error of sampled sequences on training windows over the median D12; fitted below 0.5",
            ["policy", "error / D12", "verdict"],
            studied.compactMap { policy in
                row(.trainError, policy, .train).map { [policy.name, Self.interval($0.estimate), $0.verdict] }
            }
        )
    }

    private var heldout: Section {
        let floors = [(Endpoint.dcrShare, "DCR share"), (.scoreMedian, "S"), (.distanceMedian, "d1")].compactMap { endpoint, name in
            studied.first.flatMap { row(endpoint, $0, .heldout) }.map { "\(name) \(Self.short($0.controlValue))" }
        }
        return (
            "Held-out observations (truth: \(floors.joined(separator: ", ")); null of the share 0.5, of C_T 0)",
            ["policy", "DCR share", "C_T", "S", "d1", "verdict"],
            (studied + Self.controls).compactMap { policy in
                let cells = [Endpoint.dcrShare, .proximity, .scoreMedian, .distanceMedian].map { row($0, policy, .heldout) }
                guard cells.contains(where: { $0 != nil }) else { return nil }
                return [policy.name] + cells.map { $0.map { Self.interval($0.estimate) } ?? "-" } + [cells[0]?.verdict ?? "-"]
            }
        )
    }

    private var pictures: Section {
        var conditions: [Condition] = []
        for row in rows where row.unit == "picture" && !conditions.contains(row.condition) { conditions.append(row.condition) }
        let asked = studied.prefix(1) + [Catalogue.table]
        return (
            "Pictures that are no observations: S, share of the two most recalled demonstrations (chance beside it), flagged",
            ["pictures"] + asked.map { "S \($0)" } + asked.map { "top-2 \($0)" } + ["flagged by \(Catalogue.table)"],
            conditions.map { condition in
                let scores = asked.map { row(.scoreMedian, $0, condition).map { Self.interval($0.estimate) } ?? "-" }
                let masses = asked.map { policy in
                    row(.topTwoMass, policy, condition).map {
                        "\(Self.short($0.estimate.value)) (\(Self.short($0.controlValue)))"
                    } ?? "-"
                }
                return [condition.name] + scores + masses
                    + [row(.outOfDistributionShare, Catalogue.table, condition).map { Self.short($0.estimate.value) } ?? "-"]
            }
        )
    }

    private var cost: Section {
        guard let subject = studied.first else { return ("", [], []) }
        let ratios = [Endpoint.latency(over: subject)] + studied.dropFirst().map { Endpoint.latency(over: $0) } + [.memory(over: subject)]
        return (
            "Cost of one query, as a ratio to the policy under study",
            ["policy", "time / its"] + studied.dropFirst().map { _ in "time / faster sampler's" } + ["memory / its"],
            [(Catalogue.table, Condition.timed, ""), (Catalogue.pixels, .timed, ""), (Catalogue.table, .timedAtReferenceSize, ", published size")]
                .compactMap { policy, size, note in
                    let cells = ratios.map { row($0, policy, size) }
                    return cells[0] == nil ? nil : [policy.name + note] + cells.map { $0.map { Self.interval($0.estimate) } ?? "-" }
                }
        )
    }

    private func row(_ endpoint: Endpoint, _ policy: PolicyID, _ condition: Condition) -> SummaryRecord? {
        rows.first { $0.endpoint == endpoint.key && $0.policy == policy.name && $0.condition == condition }
    }

    /// "0.69 [0.37, 0.94]".
    static func interval(_ estimate: Estimate) -> String {
        let value = short(estimate.value)
        return estimate.low == nil ? value : "\(value) [\(short(estimate.low)), \(short(estimate.high))]"
    }

    static func short(_ value: Double?) -> String { value.map { SignificantDigits.shortened($0, digits: 3) } ?? "-" }
}
