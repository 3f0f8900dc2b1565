/// One row of the benchmark.
public struct BenchmarkRow: Sendable {
    public let name: String
    /// False for a row of memory alone.
    public let isTimed: Bool
    /// Whether the peak memory of a fresh process is measured.
    public let measuresMemory: Bool
    let prepare: @Sendable (BenchmarkContext) throws -> any Measurable

    init(
        _ name: String, isTimed: Bool = true, measuresMemory: Bool = false,
        prepare: @escaping @Sendable (BenchmarkContext) throws -> any Measurable
    ) {
        self.name = name
        self.isTimed = isTimed
        self.measuresMemory = measuresMemory
        self.prepare = prepare
    }
}
