import Basics
import Plots

/// A row of `p05_fit`: one timestep of one policy.
struct DenoiserFitRow: ProbeTable {
    static let name = "p05_fit"
    var policy = ""
    var condition = Condition("")
    var timestep = 0
    var alphaBar = 0.0
    var bandwidth = Bandwidth(0), bandwidthOverSpacing = Bandwidth(0)
    /// R² of the exact denoiser, then of what it is compared with.
    var explained = Estimate(value: nil)
    var unconditional = 0.0
    var truth: Double?, reference: Double?
    var effective = 0.0
    var rows = 0

    static var columns: [Column<DenoiserFitRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("timestep", \.timestep),
            Column("alpha_bar", \.alphaBar), Column("h", \.bandwidth), Column("h_over_nn", \.bandwidthOverSpacing),
            .interval("r_squared", \.explained), Column("r_squared_unconditional", \.unconditional),
            Column("r_squared_truth", \.truth), Column("r_squared_reference", \.reference),
            Column("effective_sequences", \.effective), Column("rows", \.rows),
        ]
    }
}

/// A row of `p05_grid`: one bandwidth that was tried, over the median nearest-neighbour distance.
struct BandwidthRow: ProbeTable {
    static let name = "p05_grid"
    var policy = ""
    var condition = Condition("")
    var timestep = 0
    var bandwidth = Bandwidth(0)
    var explained = 0.0

    static var columns: [Column<BandwidthRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("timestep", \.timestep),
            Column("h_over_nn", \.bandwidth), Column("r_squared_fit_half", \.explained),
        ]
    }
}

/// A bandwidth, which may be infinite: NA in a file, for the unconditional denoiser.
struct Bandwidth: CellValue {
    let value: Double
    init(_ value: Double) { self.value = value }

    var cell: Table.Cell { value.isFinite ? .number(value) : .missing }
    init?(cell text: String) {
        guard let value = text == "NA" ? .infinity : Double(text) else { return nil }
        self.value = value
    }
    static var form: String { "a number or NA" }
}

extension ExactDenoiserComparison {
    /// How much of the learned denoiser the exact one explains, and at which bandwidth.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let rows = try source.rows(DenoiserFitRow.self).filter { $0.condition == .heldout }
        let axis = Self.label(rows)
        return [explained(rows, axis, source), bandwidths(rows, axis, source)].compactMap { $0 }
    }

    private func explained(_ rows: [DenoiserFitRow], _ axis: String, _ source: any FigureSource) -> Plot? {
        let names = rows.map(\.policy)
        guard let subject = source.policies([.subject], in: names).first else { return nil }
        func line(_ policy: PolicyID, _ y: (DenoiserFitRow) -> Estimate) -> [Plot.Point] {
            rows.filter { $0.policy == policy.name }.points(x: { Double($0.timestep) }, y: y)
        }
        let compared: [(String, @Sendable (DenoiserFitRow) -> Double?)] = [
            ("exact, without observation", { $0.unconditional }), ("true sequence", { $0.truth }),
            ("exact, of other demonstrations", { $0.reference }),
        ]
        let series =
            [Plot.Series("exact, best kernel", mark: subject.role.mark, line(subject) { $0.explained })]
            + compared.map { name, y in Plot.Series(name, isControl: true, line(subject) { Estimate(value: y($0)) }) }
            + source.policies([.untrained, .halfTrained], in: names).map { policy in
                Plot.Series("\(policy)", label: "exact, best kernel; \(policy.label)", isControl: true, line(policy) { $0.explained.alone })
            }
        // Far below zero every answer is equally wrong, and would flatten the rest.
        let lowest = series.flatMap(\.points).map(\.y).min() ?? 0
        return Plot(
            name: "p05_r_squared",
            title: "How much of the denoiser of \(subject.label) others explain, held-out observations",
            xLabel: axis, yLabel: "R²" + (lowest < -0.5 ? " (cut at -0.5)" : ""), kind: .curves, series: series,
            yRange: max(-0.5, min(0, lowest) - 0.02)...1.02)
    }

    private func bandwidths(_ rows: [DenoiserFitRow], _ axis: String, _ source: any FigureSource) -> Plot? {
        let asked = source.policies([.subject, .learned] + PolicyRole.oracles, in: rows.map(\.policy))
        // A process of its own has timesteps of its own, which are not this axis's; the table has their rows.
        func levels(_ policy: PolicyID) -> [Double] { rows.filter { $0.policy == policy.name }.map(\.alphaBar) }
        let policies = asked.filter { levels($0) == levels(asked[0]) }
        guard !policies.isEmpty else { return nil }
        return Plot(
            name: "p05_bandwidth",
            title: "Kernel width with which the exact denoiser explains most; none where it is infinite",
            xLabel: axis, yLabel: "kernel width / nearest-neighbour distance", kind: .curves,
            series: policies.map { policy in
                Plot.Series(
                    policy,
                    rows.filter { $0.policy == policy.name }.points(
                        x: { Double($0.timestep) }, y: { Estimate(value: $0.bandwidthOverSpacing.value) }))
            }, references: [Plot.Reference("one nearest-neighbour distance", 1)], isLogarithmicY: true)
    }

    /// The timesteps with the share of signal at both ends.
    private static func label(_ rows: [DenoiserFitRow]) -> String {
        let ends = [rows.first, rows.last].compactMap { $0 }.map { row in
            "\((100 * row.alphaBar).rounded() / 100) at \(row.timestep)"
        }
        return "diffusion timestep (alpha_bar \(ends.joined(separator: ", ")))"
    }
}
