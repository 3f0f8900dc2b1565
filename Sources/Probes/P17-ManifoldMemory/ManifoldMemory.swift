import Basics

/// P17: what a diffusion model does with a curve in the plane: memorise its points, learn the curve, or neither.
///
/// For every shape, number of training points and settings, `small` and `large` networks and the `exact` minimiser of the
/// training loss; He et al. 2025 (Figure 2) with the numbers they judged by eye. Distance to the curve; f_mem(c) =
/// P(d1/d2 < c), d1 and d2 the distances of a sample to the nearest and second nearest training point (Yoon et al. 2023);
/// Chamfer distance to a dense sample of the curve; precision and recall on a grid of cells of side 0.1 (a shape is of
/// size 2); squared difference to the exact denoiser's predicted noise.
///
/// The null of f_mem is c: near a point of a curve the distances to independent points of it are the arrivals of a Poisson
/// process, and of two arrivals the first is uniform below the second. It holds where the curve is straight over the
/// spacing of the points, and for samples on the curve: off it, d1/d2 goes to 1 and f_mem to 0. Controls: `truth` (fresh
/// points of the curve), which shows the null at these very points, `square` (uniform in [-1.25, 1.25]²) and `exact`.
///
/// Verdict: see `ManifoldVerdict`. Intervals are the smallest and the largest over seeds, each with its own training
/// points, around their mean; with one seed there are none.
///
/// `p17_cells`: policy, condition, shape, points, settings, seeds, parameters, steps, each number with its interval (loss
/// NA for models that are not trained), verdict. `p17_curves`: policy, condition, c, f_mem with interval, truth, null.
/// `p17_denoiser`: policy, condition, timestep, noise level σ, mean squared difference of predicted noises at noisy fresh
/// and at noisy training points with intervals, and as distance of the predicted clean points (root mean square).
/// `p17_points`: of the first seed policy, condition, kind (training, sample, flow), line, step, x, y; at most 200 of each
/// kind and every fourth step of a flow line.
public struct ManifoldMemory: Probe {
    public let name = "p17"
    public let title = "memory and generalisation on 2-D manifolds"
    public let needs: Set<Need> = [.manifolds]
    public let endpoints = [Endpoint.manifoldMemorized, .manifoldDistance, .manifoldChamfer]

    public init() {}

    public func run(_ context: ProbeContext) throws -> ProbeResult {
        let runs = context.measurements[ManifoldRun.self]
        guard !runs.isEmpty else {
            throw ProbeContext.nothing(
                name, at: "manifolds", expected: "at least one shape", remedy: "train on the manifolds")
        }
        for run in runs { try run.validate() }
        let cells = Self.cells(runs, numbers: Self.numbers(runs, pool: context.pool))
        return ProbeResult(
            tables: [
                ManifoldCellRow.table(cells.map(ManifoldCellRow.init)),
                ManifoldCurveRow.table(
                    cells.flatMap { ManifoldCurveRow.rows($0, truth: Self.control(.truth, of: $0, in: cells)) }),
                ManifoldDenoiserRow.table(cells.flatMap(ManifoldDenoiserRow.rows)),
                ManifoldPointRow.table(cells.filter { $0.control == nil }.flatMap(ManifoldPointRow.rows)),
            ],
            summary: cells.filter { $0.control == nil }.flatMap { Self.summarise($0, in: cells) })
    }

    /// The control under the same condition.
    private static func control(
        _ control: ManifoldControl, of cell: ManifoldSeeds, in cells: [ManifoldSeeds]
    ) -> ManifoldSeeds? {
        cells.first { $0.control == control && $0.condition == cell.condition }
    }

    /// Runs with the same training points share the search over them.
    private static func numbers(_ runs: [ManifoldRun], pool: WorkerPool) -> [ManifoldNumbers] {
        struct Key: Hashable { let shape: String, points: Int, seed: Int }
        let byPoints = Dictionary(grouping: runs.indices) {
            Key(shape: runs[$0].shape, points: runs[$0].points, seed: runs[$0].seed)
        }
        let groups = byPoints.values.map { $0.sorted() }.sorted { $0[0] < $1[0] }
        let found = pool.map(count: groups.count) { group in
            var cached: (points: [Float], training: PlaneNeighbours, manifold: PlaneNeighbours)?
            return groups[group].map { index in
                let run = runs[index]
                if cached?.points != run.training {
                    cached = (run.training, PlaneNeighbours(run.training), PlaneNeighbours(run.manifold))
                }
                return ManifoldNumbers(
                    run, training: cached?.training ?? PlaneNeighbours(run.training),
                    manifold: cached?.manifold ?? PlaneNeighbours(run.manifold))
            }
        }
        let byRun = Dictionary(uniqueKeysWithValues: zip(groups.joined(), found.joined()))
        return runs.indices.compactMap { byRun[$0] }
    }

    private static func cells(_ runs: [ManifoldRun], numbers: [ManifoldNumbers]) -> [ManifoldSeeds] {
        var places: [String: Int] = [:]
        var cells: [ManifoldSeeds] = []
        for (run, numbers) in zip(runs, numbers) {
            let key = "\(run.capacity) \(run.condition)"
            if let place = places[key] {
                cells[place].runs.append(run)
                cells[place].numbers.append(numbers)
            } else {
                places[key] = cells.count
                cells.append(ManifoldSeeds(runs: [run], numbers: [numbers]))
            }
        }
        return cells
    }

    private static func summarise(_ cell: ManifoldSeeds, in cells: [ManifoldSeeds]) -> [SummaryRow] {
        func row(
            _ endpoint: Endpoint, _ control: ManifoldControl, _ value: (ManifoldNumbers) -> Double
        ) -> SummaryRow {
            endpoint.row(
                cell.policy, cell.condition, cell.estimate(value), control: control.control,
                Self.control(control, of: cell, in: cells)?.estimate(value), n: cell.runs.count, unit: "seed", cell.verdict)
        }
        return [
            row(.manifoldMemorized, .truth) { $0.memorized(below: 1.0 / 3) },
            row(.manifoldDistance, .square, \.distanceMedian),
            row(.manifoldChamfer, .truth, \.chamfer),
        ]
    }
}

extension Endpoint {
    static let manifoldMemorized = Endpoint(
        "p17_f_mem_one_third", "f_mem(1/3) on a curve",
        "share of samples with d1 / d2 < 1/3, d1 and d2 the distances to the two nearest training points; 1/3 without memory",
        unit: "share of samples", control: ManifoldControl.truth.control, .raisedByMemory)
    static let manifoldDistance = Endpoint(
        "p17_distance", "distance to the curve",
        "median distance of samples to the curve",
        unit: "coordinates (a shape has size 2)", control: ManifoldControl.square.control)
    static let manifoldChamfer = Endpoint(
        "p17_chamfer", "Chamfer distance",
        "mean distance from samples to the curve and from the curve to samples, the mean of the two",
        unit: "coordinates (a shape has size 2)", control: ManifoldControl.truth.control)
}
