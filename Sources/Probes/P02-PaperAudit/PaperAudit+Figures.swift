import Plots

extension PaperAudit {
    /// S falls without bound when the two nearest demonstrations are equally far; those values would flatten the rest.
    private static let scoreRange = -2.0...1.1

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let floor = try source.rows(ControlLadder.Rung.self).first { $0.control == Control.heldout.name }
        return [
            try published(source, floor),
            try source.endpointFigure(
                .distanceMedian, title: "Distance to the nearest training sequence",
                unit: "d1, median (training standard deviations)", floor: floor?.distance),
            try source.endpointFigure(
                .ratioMedian, title: "Nearest over second-nearest demonstration", unit: "d1 / d2, median"),
            try source.endpointFigure(
                .scoreMedian, title: "The published score", unit: "S, median (cut at -2)", yRange: Self.scoreRange),
        ].compactMap { $0 }
    }

    /// The published figure, with its missing control: bars of the score S and a line of the distance to the nearest training
    /// sequence, condition after condition, over the values of held-out true sequences.
    private func published(_ source: any FigureSource, _ floor: ControlLadder.Rung?) throws -> Plot? {
        let summary = try source.rows(SummaryRecord.self)
        let scores = summary.filter { $0.endpoint == Endpoint.scoreMedian.key }
        let distances = summary.filter { $0.endpoint == Endpoint.distanceMedian.key }
        let policies = source.policies([.subject, .table], in: scores.map(\.policy)), names = Set(policies.map(\.name))
        guard !policies.isEmpty else { return nil }
        let conditions = scores.filter { names.contains($0.policy) }.distinct(\.condition.name)
        var series: [Plot.Series] = []
        if let row = scores.first(where: { $0.control == Control.heldout.name }), let value = row.controlValue {
            // The interval is that of true sequences at the observations asked: the generalizer's, which answers with them.
            let generalizer = source.policies([.generalizer], in: scores.map(\.policy)).first?.name
            let truth = scores.first { $0.policy == generalizer && $0.condition == .heldout }?.estimate
            series.append(
                .level(
                    "S, held-out truth", Estimate(value: value, low: truth?.low, high: truth?.high), categories: conditions))
        }
        if let floor, floor.distance.value != nil {
            series.append(.level("d1, held-out truth", floor.distance, categories: conditions, isOnSecondAxis: true))
        }
        func points(_ rows: [SummaryRecord], _ policy: PolicyID) -> [Plot.Point] {
            rows.filter { $0.policy == policy.name }.points(along: conditions, by: \.condition.name, y: \.estimate)
        }
        series += policies.map { Plot.Series("S, \($0)", form: .bars, points(scores, $0)) }
        series += policies.map {
            Plot.Series("d1, \($0)", form: .line, isOnSecondAxis: true, points(distances, $0))
        }
        return Plot(
            name: "p02_paper_figure",
            title: "The published score and the distance behind it, with what held-out true sequences score",
            xLabel: "condition", yLabel: "S, median (bars; cut at -2)",
            y2Label: "d1, median (line; training standard deviations)", kind: .intervals(categories: conditions),
            series: series, yRange: Self.scoreRange)
    }
}
