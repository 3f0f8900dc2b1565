/// What bounds a row of the benchmark from below on any implementation.
enum MachineLimit: Hashable, Sendable {
    /// Matrix products on every worker at once, GFLOP/s.
    case sgemm
    /// Matrix products on one core, GFLOP/s.
    case sgemmOneCore
    /// Reading memory of so many bytes again and again, GB/s.
    case bandwidth(bytes: Int)
    /// zlib on the compressed chunks of a file's images, GB/s of images.
    case inflate(path: String)

    func name(workers: Int) -> String {
        switch self {
        case .sgemm: workers == 1 ? "sgemm_1_core" : "sgemm_\(workers)_cores"
        case .sgemmOneCore: "sgemm_1_core"
        case .bandwidth: "bandwidth"
        case .inflate: "inflate"
        }
    }
}

/// What this machine gives, measured in the same run as the rows: the best seen so far.
struct MachineLimits {
    let workers: Int
    /// GFLOP/s or GB/s; those that could not be measured are absent.
    private(set) var values: [MachineLimit: Double] = [:]

    init(workers: Int) { self.workers = workers }

    /// Measures again, so that a busy moment does not lower a limit for good.
    mutating func measure(_ limit: MachineLimit) throws {
        let measured: Double? =
            switch limit {
            case .sgemm: SgemmPeak.measure(cores: workers)
            case .sgemmOneCore: SgemmPeak.measure(cores: 1)
            case .bandwidth(let bytes): ReadBandwidth.measure(bytes: bytes, workers: workers)
            case .inflate(let path): try InflateRate.measure(path: path, workers: workers)
            }
        if let measured { values[limit] = max(values[limit] ?? 0, measured) }
    }
}
