/// What was measured for one row.
struct BenchmarkResult {
    let row: String
    /// Nil for a row of memory alone.
    let timing: Timing?
    let memory: PeakMemory?
    /// Of one run.
    let flops: Int
    let bytes: Int
    let limit: MachineLimit
    let workers: Int
    let note: String
    let breakdown: OperationBreakdown?

    /// 10^9 floating-point operations a second at the median.
    var gigaflops: Double? { timing.flatMap { flops > 0 ? Double(flops) / $0.median / 1e6 : nil } }

    /// The part of the limit that the median reaches.
    func share(of limits: MachineLimits) -> Double? {
        guard let timing, let value = limits.values[limit] else { return nil }
        switch limit {
        case .sgemm, .sgemmOneCore: return gigaflops.map { $0 / value }
        case .bandwidth, .inflate: return Double(bytes) / timing.median / 1e6 / value
        }
    }
}
