import Plots

extension CalibratedMemorization {
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let share = try source.endpointFigure(
            .dcrShare, title: "Nearer to training than to reference demonstrations", unit: "share of sequences (DCR share)",
            null: Plot.Reference("null", 0.5), yRange: -0.02...1.02)
        let curve = try curve(source.rows(CurvePoint.self).filter { $0.condition == .heldout }, source)
        return [share, curve].compactMap { $0 }
    }

    /// The share of sequences below a ratio, against the ratio.
    private func curve(_ rows: [CurvePoint], _ source: any FigureSource) -> Plot? {
        guard !rows.isEmpty else { return nil }
        let policies = source.policies(PolicyRole.drawn, in: rows.map(\.policy))
        func line(_ policy: PolicyID, _ y: (CurvePoint) -> Estimate) -> [Plot.Point] {
            rows.filter { $0.policy == policy.name }.points(x: \.c, y: y)
        }
        var series = policies.map { Plot.Series($0, line($0, \.share)) }
        if let first = policies.first {
            series.append(Plot.Series("held-out truth", isControl: true, line(first, \.heldout)))
            series.append(Plot.Series("null c^k", isControl: true, line(first) { Estimate(value: $0.null) }))
        }
        return Plot(
            name: "p03_f_mem", title: "Share of sequences with d1 / d2 below c, held-out observations", xLabel: "c",
            yLabel: "f_mem(c)", kind: .curves, series: series, yRange: 0...1)
    }
}
