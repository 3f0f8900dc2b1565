import Basics
import Foundation
import Logging
import Probes
import Runs
import Safetensors
import Store
import Synchronization

/// The cells of the study of manifolds, entries of the store, `manifolds/<cell>/cell.safetensors` in the run: samples [m, 2],
/// flow_lines [lines, T + 1, 2], distances [m], and for trained networks timesteps, noise_levels, error_fresh and
/// error_training [k] and loss, steps, parameters []. Training points are made again from the seed.
struct ManifoldFiles: ManifoldStudy.Keeper {
    static let kind = Identity.Kind("manifold", code: ArithmeticCode.manifolds)
    private static let file = "cell.safetensors"
    /// Points of a curve that stand for all of it.
    private static let densePoints = 2000
    let configuration: ManifoldConfiguration
    let root: Seed
    let run: RunContext

    init(_ settings: Settings, _ run: RunContext) {
        self.init(settings.manifolds, root: settings.root / "manifolds", run)
    }

    init(_ configuration: ManifoldConfiguration, root: Seed, _ run: RunContext) {
        self.configuration = configuration
        self.root = root
        self.run = run
    }

    static func link(_ cell: ManifoldCell) -> String { "manifolds/\(cell.name)" }
    static func path(_ cell: ManifoldCell) -> String { "\(link(cell))/\(file)" }

    func identity(_ cell: ManifoldCell) -> Identity {
        var fingerprint = Fingerprint()
        fingerprint.add("cell", text: configuration.description(cell))
        fingerprint.add("seed", text: "\(root.value)")
        return Identity(Self.kind, fingerprint)
    }

    func isFinished(_ cell: ManifoldCell) -> Bool { run.store.has(identity(cell)) }

    func keep(_ cell: ManifoldCell, _ make: (any ManifoldStates) throws -> ManifoldResult) throws {
        _ = try run.obtain(identity(cell), cell.name, as: Self.link(cell)) { folder, _ in
            let states = CellStates(folder: folder, log: run.log, store: run.store)
            try Safetensors.write(Self.tensors(try make(states)), metadata: ["cell": cell.name], to: "\(folder)/\(Self.file)")
            try states.remove()
            return [Self.file]
        }
    }

    private static func tensors(_ result: ManifoldResult) -> [(name: String, tensor: Tensor)] {
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
        return tensors
    }

    /// Every cell of the study as the probe takes them, in the study's order.
    /// - Throws: `Failure` when a cell is not there or is not of its form.
    func read() throws -> [ManifoldRun] { try configuration.cells.map(read) }

    private func read(_ cell: ManifoldCell) throws -> ManifoldRun {
        let entry = try run.obtain(identity(cell), cell.name, as: Self.link(cell)) { folder, _ in
            throw Failure(
                .data, "a cell of the manifolds is missing", at: folder, expected: Self.file, found: "none, or a damaged one",
                remedy: "run again: it is learned again")
        }
        let file = try Safetensors.decode(try entry.data(Self.file), from: "\(entry.path)/\(Self.file)")
        var result = ManifoldRun(
            shape: cell.shape.rawValue, capacity: cell.model.rawValue, settings: cell.manner.rawValue, seed: cell.seed,
            training: cell.training(root), samples: try file.finite("samples", shape: [configuration.samples, 2]),
            fresh: cell.fresh(configuration.samples, root), manifold: cell.shape.curve.evenPoints(Self.densePoints),
            distance: try file.finite("distances", shape: [configuration.samples]))
        if let lines = file.tensors["flow_lines"], lines.shape.count == 3 {
            result.flowLines = try file.finite("flow_lines", shape: [lines.shape[0], lines.shape[1], 2])
            result.flowSteps = lines.shape[1]
        }
        guard file.tensors["loss"] != nil else { return result }
        let levels = try file.tensor("timesteps").values.count
        func list(_ name: String) throws -> [Double] { try file.finite(name, shape: [levels]).map(Double.init) }
        func number(_ name: String) throws -> Double { Double(try file.finite(name, shape: [])[0]) }
        result.loss = try number("loss")
        result.steps = Int(try number("steps"))
        result.parameters = Int(try number("parameters"))
        result.timesteps = try list("timesteps").map { Int($0) }
        result.noiseLevels = try list("noise_levels")
        result.errorFresh = try list("error_fresh")
        result.errorTraining = try list("error_training")
        return result
    }
}

/// `state.safetensors` in a cell's entry, with the SHA-256 of its tensors in its metadata.
private struct CellStates: ManifoldStates {
    let folder: String
    let log: Logger
    let store: Store
    private var path: String { "\(folder)/state.safetensors" }
    private static let hashKey = "sha256"

    private func hash(_ tensors: [(name: String, tensor: Tensor)]) -> String {
        var hash = ContentHash()
        for (name, tensor) in tensors {
            hash.add(Array(name.utf8))
            hash.add([tensor.shape.count] + tensor.shape)
            hash.add(tensor.values)
        }
        return hash.text
    }

    func save(_ state: [(name: String, tensor: Tensor)]) throws {
        try Safetensors.write(state, metadata: [Self.hashKey: hash(state)], to: path)
    }

    /// - Throws: `Failure` when it cannot be read; a damaged one is set aside.
    func saved() throws -> SafetensorsFile? {
        guard FileSystem.exists(path) else { return nil }
        do {
            let file = try Safetensors.read(path)
            if file.metadata[Self.hashKey] == hash(try file.names.map { ($0, try file.tensor($0)) }) { return file }
        } catch let failure as Failure where failure.kind == .data {}
        log.warning("\(path) is not as it was written; set aside, begun anew")
        try store.setAside(path)
        return nil
    }

    func remove() throws { try FileSystem.remove(path) }
}
