import Basics
import Probes

/// `claims.csv` on a terminal: one line per claim with the evidence that decided it.
public struct ClaimsText {
    private let rows: [ClaimRow]

    /// - Parameter path: a run's `claims.csv`.
    /// - Throws: `Failure` when it is absent or damaged.
    public init(_ path: String) throws { rows = try ClaimRow.read(path) }

    private static let columns = ["claim", "verdict", "probe", "endpoint", "policy", "condition", "value", "control", "says"]

    /// Aligned columns for a terminal.
    public var text: String {
        heading + "\n" + TextColumns.align([Self.columns] + lines) + "\n" + statements.map { "  \($0)\n" }.joined()
    }

    private var heading: String {
        guard let training = rows.first?.training else { return "No claim was judged." }
        func short(_ value: Double?) -> String { SummaryHeadline.short(value) }
        return """
            Policy under study: sampled error on training windows \(SummaryHeadline.interval(training.fit)) of D12, \
            training loss \(short(training.loss)), \(short(training.steps.map(Double.init))) steps, \
            \(short(training.epochs)) epochs of \(short(training.windows.map(Double.init))) windows
            """
    }

    private var claims: [[ClaimRow]] {
        var order: [String] = []
        for row in rows where !order.contains(row.claim) { order.append(row.claim) }
        return order.map { claim in rows.filter { $0.claim == claim } }
    }

    /// "C1 supported: what it says", one per claim, with the reason of every probe that was not asked.
    private var statements: [String] {
        claims.compactMap { own in
            own.first.map { first in
                let unasked = own.filter { $0.reading == Claim.Verdict.notAsked.rawValue }
                let reasons = unasked.map { "; \($0.probe ?? "a probe") was not asked: \($0.rule)" }
                return "\(first.claim) \(first.claimVerdict): \(first.statement)\(reasons.joined())"
            }
        }
    }

    private var lines: [[String]] {
        claims.flatMap { own -> [[String]] in
            let deciding = own.filter { $0.reading != Reading.shown.rawValue }
            // A claim that nothing decides is printed with what is shown.
            let chosen = deciding.isEmpty ? Array(own.prefix(1)) : deciding
            return chosen.enumerated().map { place, row in
                [
                    place == 0 ? row.claim : "", place == 0 ? row.claimVerdict : "", row.probe ?? "-", row.endpoint ?? "-",
                    row.policy ?? "-", row.condition ?? "-", SummaryHeadline.interval(row.estimate),
                    "\(row.control ?? "-") \(SummaryHeadline.short(row.controlValue))", row.reading ?? "-",
                ]
            }
        }
    }
}
