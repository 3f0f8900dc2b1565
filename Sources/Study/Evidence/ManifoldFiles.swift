import Basics
import Probes
import Runs
import Safetensors
import Synchronization

/// The cells of the study of manifolds on disk, `manifolds/<cell>.safetensors`: samples [m, 2], flow_lines
/// [lines, T + 1, 2], distances [m], and for trained networks timesteps, noise_levels, error_fresh and error_training [k]
/// and loss, steps, parameters []. Training points are made again from the seed.
struct ManifoldFiles: ManifoldStudy.Keeper {
    /// Points of a curve that stand for all of it.
    private static let densePoints = 2000
    let folder: RunFolder

    static func path(_ cell: ManifoldCell) -> String { "manifolds/\(cell.name).safetensors" }
    private func partialPath(_ cell: ManifoldCell) -> String { folder.path("manifolds/\(cell.name).state") }

    func isFinished(_ cell: ManifoldCell) -> Bool { FileSystem.exists(folder.path(Self.path(cell))) }

    func saved(_ cell: ManifoldCell) throws -> SafetensorsFile? {
        let path = partialPath(cell)
        return FileSystem.exists(path) ? try Safetensors.read(path) : nil
    }

    func save(_ state: [(name: String, tensor: Tensor)], of cell: ManifoldCell) throws {
        try Safetensors.write(state, metadata: ["cell": cell.name], to: partialPath(cell))
    }

    func finish(_ cell: ManifoldCell, _ result: ManifoldResult) throws {
        func list(_ values: [Double]) -> Tensor { Tensor(shape: [values.count], values: values.map { Float($0) }) }
        let count = result.distances.count, lines = min(count, ManifoldCell.flowLines)
        var tensors: [(name: String, tensor: Tensor)] = [
            ("samples", Tensor(shape: [count, 2], values: result.samples)),
            ("distances", Tensor(shape: [count], values: result.distances)),
        ]
        if !result.flowLines.isEmpty {
            tensors.append(
                ("flow_lines", Tensor(shape: [lines, result.flowLines.count / (2 * lines), 2], values: result.flowLines)))
        }
        if let loss = result.loss {
            tensors += [
                ("loss", Tensor(Float(loss))), ("steps", Tensor(Float(result.steps))),
                ("parameters", Tensor(Float(result.parameters))), ("timesteps", list(result.timesteps.map(Double.init))),
                ("noise_levels", list(result.noiseLevels)), ("error_fresh", list(result.errorFresh)),
                ("error_training", list(result.errorTraining)),
            ]
        }
        try Safetensors.write(tensors, metadata: ["cell": cell.name], to: folder.path(Self.path(cell)))
        try FileSystem.remove(partialPath(cell))
    }

    /// Every cell of the study as the probe takes them, in the study's order.
    /// - Throws: `Failure` when a file is missing or is not of its cell.
    func read(_ configuration: ManifoldConfiguration, root: Seed) throws -> [ManifoldRun] {
        try configuration.cells.map { cell in
            let file = try Safetensors.read(folder.path(Self.path(cell)))
            let samples = try file.tensor("samples", shape: [configuration.samples, 2])
            var run = ManifoldRun(
                shape: cell.shape.rawValue, capacity: cell.model.rawValue, settings: cell.manner.rawValue, seed: cell.seed,
                training: cell.training(root), samples: samples.values, fresh: cell.fresh(configuration.samples, root),
                manifold: cell.shape.curve.evenPoints(Self.densePoints),
                distance: try file.tensor("distances", shape: [configuration.samples]).values)
            if let lines = file.tensors["flow_lines"] {
                run.flowLines = lines.values
                run.flowSteps = lines.shape[1]
            }
            guard let loss = file.tensors["loss"] else { return run }
            func list(_ name: String) throws -> [Double] { try file.tensor(name).values.map(Double.init) }
            run.loss = Double(loss.values[0])
            run.steps = Int(try file.tensor("steps", shape: []).values[0])
            run.parameters = Int(try file.tensor("parameters", shape: []).values[0])
            run.timesteps = try list("timesteps").map { Int($0) }
            run.noiseLevels = try list("noise_levels")
            run.errorFresh = try list("error_fresh")
            run.errorTraining = try list("error_training")
            return run
        }
    }
}
