import Basics
import Compute
import Safetensors
import Synchronization

/// Runs cells: small ones side by side, one thread each, large ones one after another on all threads.
///
/// Every number is bit-identical for any number of workers.
public struct ManifoldStudy: Sendable {
    /// Networks of more parameters than this have the machine to themselves.
    private static let largestShared = 1_000_000
    private let configuration: ManifoldConfiguration
    private let root: Seed
    private let pool: WorkerPool

    /// Where results and states of trainings under way are kept. Called from several threads, each for its own cell.
    public protocol Keeper: Sendable {
        /// Keeps what `make` gives, unless the cell is there already.
        func keep(_ cell: ManifoldCell, _ make: (any ManifoldStates) throws -> ManifoldResult) throws
    }

    public init(_ configuration: ManifoldConfiguration, root: Seed, pool: WorkerPool) {
        self.configuration = configuration
        self.root = root
        self.pool = pool
    }

    /// - Parameters:
    ///   - cells: those still to be done
    ///   - check: called before every step with the cell and its optimiser step; what it throws ends the run
    /// - Throws: the first failure in order of cells; finished cells are kept.
    public func run(
        _ cells: [ManifoldCell], keeper: some Keeper, check: @escaping @Sendable (ManifoldCell, Int) throws -> Void
    ) throws {
        let isAlone: (ManifoldCell) -> Bool = {
            configuration.size($0.model).map { $0.parameterCount > Self.largestShared } ?? false
        }
        // Longest first, so that no thread is left with a long one at the end.
        let shared = cells.filter { !isAlone($0) }.sorted { cost($0) > cost($1) }
        let failures = Mutex<[Int: any Error]>([:])
        pool.run(lanes: shared.count) { lane, _ in
            do {
                try run(shared[lane], WorkerPool(workers: 1), keeper, check)
            } catch {
                failures.withLock { $0[lane] = error }
            }
        }
        if let failure = failures.withLock({ $0.min { $0.key < $1.key }?.value }) { throw failure }
        for cell in cells where isAlone(cell) { try run(cell, pool, keeper, check) }
    }

    /// Seconds that one unit of `ManifoldConfiguration.work` takes on one thread in the training of a cell, spread over the threads.
    public func secondsPerWork(_ cell: ManifoldCell) throws -> Double {
        guard let size = configuration.size(cell.model) else { return 0 }
        let trainer = ManifoldTrainer(
            ManifoldNetwork(size), configuration.training(cell), process: cell.manner.process, points: cell.training(root),
            seed: cell.ownSeed(root), pool: WorkerPool(workers: 1))
        try trainer.advance()
        let before = trainer.step, clock = ContinuousClock.now
        for _ in 0..<min(20, configuration.training(cell).steps - 1) { try trainer.advance() }
        guard trainer.step > before else { return 0 }
        let perStep = (ContinuousClock.now - clock) / .seconds(trainer.step - before)
        return perStep / Double(configuration.work(cell, steps: trainer.step)) * Double(trainer.step) / Double(pool.workers)
    }

    private func cost(_ cell: ManifoldCell) -> Int {
        (configuration.size(cell.model)?.parameterCount ?? 0) * configuration.training(cell).steps
    }

    private func run(
        _ cell: ManifoldCell, _ pool: WorkerPool, _ keeper: some Keeper,
        _ check: @escaping @Sendable (ManifoldCell, Int) throws -> Void
    ) throws {
        try keeper.keep(cell) { states in
            try ManifoldCellRun(
                cell: cell, configuration: configuration, root: root, pool: pool, check: { try check(cell, $0) }, states: states
            ).run()
        }
    }
}

/// The states of one cell's training under way.
public protocol ManifoldStates {
    /// That of a training that was interrupted; nil for none.
    func saved() throws -> SafetensorsFile?
    func save(_ state: [(name: String, tensor: Tensor)]) throws
}
