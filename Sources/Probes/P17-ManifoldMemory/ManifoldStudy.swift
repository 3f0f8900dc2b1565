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
        /// The state of a training that was interrupted; nil for none.
        func saved(_ cell: ManifoldCell) throws -> SafetensorsFile?
        func save(_ state: [(name: String, tensor: Tensor)], of cell: ManifoldCell) throws
        func finish(_ cell: ManifoldCell, _ result: ManifoldResult) throws
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

    private func cost(_ cell: ManifoldCell) -> Int {
        (configuration.size(cell.model)?.parameterCount ?? 0) * configuration.training(cell).steps
    }

    private func run(
        _ cell: ManifoldCell, _ pool: WorkerPool, _ keeper: some Keeper,
        _ check: @escaping @Sendable (ManifoldCell, Int) throws -> Void
    ) throws {
        let result = try ManifoldCellRun(
            cell: cell, configuration: configuration, root: root, pool: pool, check: { try check(cell, $0) },
            saved: { try keeper.saved(cell) }, save: { try keeper.save($0, of: cell) }
        ).run()
        try keeper.finish(cell, result)
    }
}
