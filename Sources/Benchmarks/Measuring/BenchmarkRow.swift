import Basics

/// What the rows of a benchmark share.
public struct BenchmarkContext: Sendable {
    public var sizes: BenchmarkSizes
    /// Threads.
    public var workers: Int
    /// A robomimic file with images to load; nil generates one.
    public var file: String?
    /// An existing folder for files that are only needed while measuring.
    public var temporaryFolder: String
    /// This program, to measure memory in a fresh process; nil for the one running.
    public var program: String?
    /// Told what is being done.
    public var progress: @Sendable (String) -> Void

    public init(
        sizes: BenchmarkSizes = BenchmarkSizes(), workers: Int = 2, file: String? = nil, temporaryFolder: String,
        program: String? = nil, progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.sizes = sizes
        self.workers = workers
        self.file = file
        self.temporaryFolder = temporaryFolder
        self.program = program
        self.progress = progress
    }

    /// Root of everything random in a benchmark.
    static let seed = Seed(0) / "benchmark"
}

/// One row of the benchmark.
public struct BenchmarkRow: Sendable {
    public let name: String
    /// False for a row of memory alone.
    public let isTimed: Bool
    /// Whether the peak memory of a fresh process is measured.
    public let measuresMemory: Bool
    /// False for work that no other package does.
    public let hasPeer: Bool
    let prepare: @Sendable (BenchmarkContext) throws -> any Measurable

    init(
        _ name: String, isTimed: Bool = true, measuresMemory: Bool = false, hasPeer: Bool = true,
        prepare: @escaping @Sendable (BenchmarkContext) throws -> any Measurable
    ) {
        self.name = name
        self.isTimed = isTimed
        self.measuresMemory = measuresMemory
        self.hasPeer = hasPeer
        self.prepare = prepare
    }
}
