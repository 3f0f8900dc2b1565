import Foundation
import Plots

extension ManifoldMemory {
    /// One figure for each network and setting: shapes over numbers of training points, a panel each with training points,
    /// samples and the ways of a few samples from noise.
    public func figures(_ source: any FigureSource) throws -> [any Figure] {
        let points = try source.rows(ManifoldPointRow.self), cells = try source.rows(ManifoldCellRow.self)
        let byPolicy = Dictionary(grouping: points, by: \.policy)
        return points.distinct(\.policy).flatMap { policy in
            let drawn = Dictionary(grouping: byPolicy[policy] ?? [], by: \.condition)
            return cells.distinct(\.settings).compactMap { settings in
                figure(cells.filter { $0.policy == policy && $0.settings == settings }, drawn)
            }
        }
    }

    /// - Parameter cells: of one policy and setting.
    private func figure(_ cells: [ManifoldCellRow], _ points: [Condition: [ManifoldPointRow]]) -> PointPanels? {
        guard let first = cells.first else { return nil }
        let what =
            first.parameters > 0 ? "\(first.policy) network, \(first.parameters) parameters" : "exact denoiser"
        return PointPanels(
            name: "p17_\(first.policy)_\(first.settings)",
            title: """
                \(what), \(first.settings) settings. Dark: training points (at most 200); orange: as many samples; blue: ways from noise \
                to a sample. Above each panel: n training points and the verdict; f = f_mem(1/3), 0.33 without memory; d, the median \
                distance to the curve (a shape has size 2).
                """,
            layers: ManifoldPointRow.Kind.allCases.map(\.layer),
            panels: cells.map { panel($0, points[$0.condition] ?? []) }, columnCount: cells.distinct(\.points).count,
            limit: 1.7)
    }

    private func panel(_ cell: ManifoldCellRow, _ points: [ManifoldPointRow]) -> PointPanels.Panel {
        func number(_ estimate: Estimate) -> String { estimate.value.map { String(format: "%.2g", $0) } ?? "NA" }
        let layers = ManifoldPointRow.Kind.allCases.map { kind in
            var shown: [SIMD2<Double>] = []
            var line: Int?
            for point in points where point.kind == kind && point.x.isFinite && point.y.isFinite {
                // A point without a number ends a flow line.
                if point.line != line, !shown.isEmpty { shown.append([.nan, .nan]) }
                line = point.line
                shown.append([point.x.widened, point.y.widened])
            }
            return shown
        }
        return PointPanels.Panel(
            row: cell.shape, column: "\(cell.points)",
            caption: """
                n = \(cell.points): \(cell.verdict.rawValue)
                f \(number(cell.memorized)), d \(number(cell.distanceMedian))
                """,
            points: layers)
    }
}

extension ManifoldPointRow.Kind {
    fileprivate var layer: PointPanels.Layer {
        switch self {
        case .flow: PointPanels.Layer(rawValue, .lines(width: 0.7), colour: "#c3dff0")
        case .training: PointPanels.Layer(rawValue, .points(size: 0.42), colour: "#3a3a3a")
        case .sample: PointPanels.Layer(rawValue, .points(size: 0.26), colour: "#E8710A")
        }
    }
}

extension Float {
    /// Through its shortest decimal form, as a table writes it: 0.1 stays 0.1.
    fileprivate var widened: Double { Double("\(self)") ?? Double(self) }
}
