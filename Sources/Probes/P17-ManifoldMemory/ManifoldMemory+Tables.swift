import Basics

extension ManifoldMemory {
    private static let numbers: [(name: String, value: @Sendable (ManifoldNumbers) -> Double)] = [
        ("distance_median", { $0.distanceMedian }), ("distance_q95", { $0.distanceTail }),
        ("f_mem_one_third", { $0.memorized(below: 1.0 / 3) }), ("chamfer", { $0.chamfer }),
        ("grid_precision", { $0.precision }), ("grid_recall", { $0.recall }), ("grid_cover", { $0.spread }),
    ]
    /// Of each kind, for the figure.
    private static let drawnPoints = 200
    private static let drawnSteps = 4

    private static func cells(_ estimate: Estimate) -> [Table.Cell] {
        [Table.Cell(estimate.value), Table.Cell(estimate.low), Table.Cell(estimate.high)]
    }

    private static func head(_ cell: ManifoldSeeds) -> [Table.Cell] { [.text(cell.policy), .text(cell.condition)] }

    static func table(_ cells: [ManifoldSeeds]) -> Table {
        var table = Table(
            columns: ["policy", "condition", "shape", "points", "settings", "seeds", "parameters", "steps"]
                + (["loss"] + numbers.map(\.name)).flatMap { [$0, "\($0)_low", "\($0)_high"] } + ["verdict"])
        for cell in cells {
            let run = cell.runs[0]
            table.append(
                head(cell) + [
                    .text(run.shape), .integer(run.points), .text(run.settings), .integer(cell.runs.count),
                    .integer(run.parameters), .integer(run.steps),
                ] + Self.cells(ManifoldSeeds.estimate(cell.runs.compactMap(\.loss)))
                    + numbers.flatMap { Self.cells(cell.estimate($0.value)) } + [.text(cell.verdict.rawValue)])
        }
        return table
    }

    static func curves(_ cells: [ManifoldSeeds]) -> Table {
        var table = Table(columns: ["policy", "condition", "c", "f_mem", "low", "high", "truth", "null"])
        for cell in cells {
            let truth = control("truth", of: cell, in: cells)
            for c in MemorizationCurve.grid {
                table.append(
                    head(cell) + [.number(c)] + Self.cells(cell.estimate { $0.memorized(below: c) })
                        + [Table.Cell(truth?.estimate { $0.memorized(below: c) }.value), .number(c)])
            }
        }
        return table
    }

    static func denoiser(_ cells: [ManifoldSeeds]) -> Table {
        var table = Table(columns: [
            "policy", "condition", "timestep", "noise_level", "error_fresh", "error_fresh_low", "error_fresh_high",
            "error_training", "error_training_low", "error_training_high", "clean_distance_fresh",
            "clean_distance_training",
        ])
        for cell in cells {
            for (place, timestep) in cell.runs[0].timesteps.enumerated() {
                let fresh = ManifoldSeeds.estimate(cell.runs.map { $0.errorFresh[place] })
                let training = ManifoldSeeds.estimate(cell.runs.map { $0.errorTraining[place] })
                let level = cell.runs[0].noiseLevels[place]
                // x̂_0 = x / √ᾱ - σ ε̂ over two coordinates.
                func clean(_ error: Estimate) -> Double? { error.value.map { level * (2 * $0).squareRoot() } }
                table.append(
                    head(cell) + [.integer(timestep), .number(level)] + Self.cells(fresh) + Self.cells(training)
                        + [Table.Cell(clean(fresh)), Table.Cell(clean(training))])
            }
        }
        return table
    }

    static func points(_ cells: [ManifoldSeeds]) -> Table {
        var table = Table(columns: ["policy", "condition", "kind", "line", "step", "x", "y"])
        for cell in cells where !controls.contains(cell.policy) {
            guard let run = cell.runs.min(by: { $0.seed < $1.seed }) else { continue }
            for (kind, points) in [("training", run.training), ("sample", run.samples)] {
                // Training points come in order along the curve: spread over it.
                let count = points.count / 2, shown = min(count, drawnPoints)
                for row in (0..<shown).map({ $0 * count / shown }) {
                    table.append(
                        head(cell) + [
                            .text(kind), .missing, .missing, Table.Cell(points[2 * row]), Table.Cell(points[2 * row + 1]),
                        ])
                }
            }
            guard run.flowSteps > 0 else { continue }
            for line in 0..<run.flowLines.count / (2 * run.flowSteps) {
                for step in stride(from: 0, to: run.flowSteps, by: drawnSteps) {
                    let place = 2 * (line * run.flowSteps + step)
                    table.append(
                        head(cell) + [
                            .text("flow"), .integer(line), .integer(step), Table.Cell(run.flowLines[place]),
                            Table.Cell(run.flowLines[place + 1]),
                        ])
                }
            }
        }
        return table
    }
}
