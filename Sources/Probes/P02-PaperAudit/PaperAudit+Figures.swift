import Plots

extension PaperAudit {
    /// S falls without bound when the two nearest demonstrations are equally far; those values would flatten the rest.
    private static let scoreRange = -2.0...1.1

    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let floor = try source.rows(ControlLadder.Rung.self).first { $0.control == Control.heldout.name }
        return [
            try source.endpointFigure(
                .distanceMedian, title: "Distance to the nearest training sequence",
                unit: "d1, median (training standard deviations)", floor: floor?.distance),
            try source.endpointFigure(
                .ratioMedian, title: "Nearest over second-nearest demonstration", unit: "d1 / d2, median"),
            try source.endpointFigure(
                .scoreMedian, title: "The published score", unit: "S, median", yRange: Self.scoreRange),
        ].compactMap { $0 }
    }
}
