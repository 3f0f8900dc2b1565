import Plots

extension PaperAudit {
    /// S falls without bound when the two nearest demonstrations are equally far; those values would flatten the rest.
    private static let lowestScore = -2.0

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let scores = try source.rows(SummaryRecord.self).filter { $0.endpoint == Endpoint.scoreMedian.key }
        let drawn = Set(source.policies(PolicyRole.drawn, in: scores.map(\.policy)).map(\.name))
        let lows = scores.filter { drawn.contains($0.policy) }.compactMap { $0.estimate.low ?? $0.estimate.value }
        let lowest = max(Self.lowestScore, lows.min() ?? 0)
        let floor = try source.rows(ControlLadder.Rung.self).first { $0.control == Control.heldout.name }
        return [
            try source.endpointFigure(
                .distanceMedian, title: "Distance to the nearest training sequence",
                unit: "d1, median (training standard deviations)", floor: floor?.distance),
            try source.endpointFigure(
                .ratioMedian, title: "Nearest over second-nearest demonstration", unit: "d1 / d2, median"),
            try source.endpointFigure(
                .scoreMedian, title: "The published score", unit: "S, median", yRange: (2 * lowest).rounded(.down) / 2...1.1),
        ].compactMap { $0 }
    }
}
