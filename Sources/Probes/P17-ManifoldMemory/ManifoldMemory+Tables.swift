import Basics

/// A row of `p17_cells`: one policy under one condition.
struct ManifoldCellRow: ProbeTable {
    static let name = "p17_cells"
    var policy = ""
    var condition = Condition("")
    var shape = ""
    var points = 0
    var settings = ""
    var seeds = 0, parameters = 0, steps = 0
    var loss = Estimate(value: nil)
    var distanceMedian = Estimate(value: nil), distanceTail = Estimate(value: nil)
    /// f_mem(1/3).
    var memorized = Estimate(value: nil)
    var chamfer = Estimate(value: nil)
    var precision = Estimate(value: nil), recall = Estimate(value: nil), cover = Estimate(value: nil)
    var verdict = Verdict.description

    init() {}

    init(_ cell: ManifoldSeeds) {
        let run = cell.runs[0]
        policy = cell.policy
        condition = cell.condition
        shape = run.shape
        points = run.points
        settings = run.settings
        seeds = cell.runs.count
        parameters = run.parameters
        steps = run.steps
        loss = ManifoldSeeds.estimate(cell.runs.compactMap(\.loss))
        distanceMedian = cell.estimate(\.distanceMedian)
        distanceTail = cell.estimate(\.distanceTail)
        memorized = cell.estimate { $0.memorized(below: 1.0 / 3) }
        chamfer = cell.estimate(\.chamfer)
        precision = cell.estimate(\.precision)
        recall = cell.estimate(\.recall)
        cover = cell.estimate(\.spread)
        verdict = cell.verdict
    }

    static var columns: [Column<ManifoldCellRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("shape", \.shape),
            Column("points", \.points), Column("settings", \.settings), Column("seeds", \.seeds),
            Column("parameters", \.parameters), Column("steps", \.steps), .bounds("loss", \.loss),
            .bounds("distance_median", \.distanceMedian), .bounds("distance_q95", \.distanceTail),
            .bounds("f_mem_one_third", \.memorized), .bounds("chamfer", \.chamfer), .bounds("grid_precision", \.precision),
            .bounds("grid_recall", \.recall), .bounds("grid_cover", \.cover), Column("verdict", \.verdict),
        ]
    }
}

/// A row of `p17_curves`: f_mem at one c.
struct ManifoldCurveRow: ProbeTable {
    static let name = "p17_curves"
    /// The values of c; those of P03.
    static let grid = (1...50).map { Double($0) / 50 }

    var policy = ""
    var condition = Condition("")
    var c = 0.0
    var share = Estimate(value: nil)
    var truth: Double?
    var null = 0.0

    static func rows(_ cell: ManifoldSeeds, truth: ManifoldSeeds?) -> [ManifoldCurveRow] {
        grid.map { c in
            ManifoldCurveRow(
                policy: cell.policy, condition: cell.condition, c: c, share: cell.estimate { $0.memorized(below: c) },
                truth: truth?.estimate { $0.memorized(below: c) }.value, null: c)
        }
    }

    static var columns: [Column<ManifoldCurveRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("c", \.c),
            .interval("f_mem", "low", "high", \.share), Column("truth", \.truth), Column("null", \.null),
        ]
    }
}

/// A row of `p17_denoiser`: one noise level.
struct ManifoldDenoiserRow: ProbeTable {
    static let name = "p17_denoiser"
    var policy = ""
    var condition = Condition("")
    var timestep = 0
    var noiseLevel = 0.0
    var errorFresh = Estimate(value: nil), errorTraining = Estimate(value: nil)
    var cleanDistanceFresh: Double?, cleanDistanceTraining: Double?

    static func rows(_ cell: ManifoldSeeds) -> [ManifoldDenoiserRow] {
        cell.runs[0].timesteps.enumerated().map { place, timestep in
            let fresh = ManifoldSeeds.estimate(cell.runs.map { $0.errorFresh[place] })
            let training = ManifoldSeeds.estimate(cell.runs.map { $0.errorTraining[place] })
            let level = cell.runs[0].noiseLevels[place]
            // x̂_0 = x / √ᾱ - σ ε̂ over two coordinates.
            func clean(_ error: Estimate) -> Double? { error.value.map { level * (2 * $0).squareRoot() } }
            return ManifoldDenoiserRow(
                policy: cell.policy, condition: cell.condition, timestep: timestep, noiseLevel: level, errorFresh: fresh,
                errorTraining: training, cleanDistanceFresh: clean(fresh), cleanDistanceTraining: clean(training))
        }
    }

    static var columns: [Column<ManifoldDenoiserRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("timestep", \.timestep),
            Column("noise_level", \.noiseLevel), .bounds("error_fresh", \.errorFresh),
            .bounds("error_training", \.errorTraining), Column("clean_distance_fresh", \.cleanDistanceFresh),
            Column("clean_distance_training", \.cleanDistanceTraining),
        ]
    }
}

/// A row of `p17_points`: one point of the figure.
struct ManifoldPointRow: ProbeTable {
    static let name = "p17_points"
    /// In the order in which they lie over each other.
    enum Kind: String, CaseIterable, Sendable { case flow, training, sample }

    var policy = ""
    var condition = Condition("")
    var kind = Kind.sample
    /// Of a flow line: its number, and how far along it.
    var line: Int?, step: Int?
    var x: Float = 0, y: Float = 0

    /// Of each kind, for the figure.
    private static let drawnPoints = 200
    private static let drawnSteps = 4

    /// Points of the first seed.
    static func rows(_ cell: ManifoldSeeds) -> [ManifoldPointRow] {
        guard let run = cell.runs.min(by: { $0.seed < $1.seed }) else { return [] }
        func row(_ kind: Kind, line: Int? = nil, step: Int? = nil, _ points: [Float], _ row: Int) -> ManifoldPointRow {
            ManifoldPointRow(
                policy: cell.policy, condition: cell.condition, kind: kind, line: line, step: step, x: points[2 * row],
                y: points[2 * row + 1])
        }
        func spread(_ kind: Kind, _ points: [Float]) -> [ManifoldPointRow] {
            // Training points come in order along the curve: spread over it.
            let count = points.count / 2, shown = min(count, drawnPoints)
            return (0..<shown).map { row(kind, points, $0 * count / shown) }
        }
        let points = spread(.training, run.training) + spread(.sample, run.samples)
        guard run.flowSteps > 0 else { return points }
        let flow = (0..<run.flowLines.count / (2 * run.flowSteps)).flatMap { line in
            stride(from: 0, to: run.flowSteps, by: drawnSteps).map { step in
                row(.flow, line: line, step: step, run.flowLines, line * run.flowSteps + step)
            }
        }
        return points + flow
    }

    static var columns: [Column<ManifoldPointRow>] {
        [
            Column("policy", \.policy), Column("condition", \.condition), Column("kind", \.kind), Column("line", \.line),
            Column("step", \.step), Column("x", \.x), Column("y", \.y),
        ]
    }
}

extension ManifoldPointRow.Kind: CellValue {
    static var form: String { "a kind of points" }
}
