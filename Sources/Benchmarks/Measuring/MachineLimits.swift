import Basics
import COpenBLAS
import Compute

/// What bounds a row of the benchmark from below on any implementation.
enum MachineLimit: Hashable, Sendable {
    /// Independent fused multiply-adds on every worker at once, GFLOP/s.
    case multiplyAdd
    /// The same on one core.
    case multiplyAddOneCore
    /// Reading memory of so many bytes again and again, GB/s.
    case bandwidth(bytes: Int)
    /// zlib on the compressed chunks of a file's images, GB/s of images.
    case inflate(path: String)

    func name(workers: Int) -> String {
        switch self {
        case .multiplyAdd: workers == 1 ? "multiply_add_1_core" : "multiply_add_\(workers)_cores"
        case .multiplyAddOneCore: "multiply_add_1_core"
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
            case .multiplyAdd: MultiplyAddPeak.measure(cores: workers)
            case .multiplyAddOneCore: MultiplyAddPeak.measure(cores: 1)
            case .bandwidth(let bytes): ReadBandwidth.measure(bytes: bytes, workers: workers)
            case .inflate(let path): try InflateRate.measure(path: path, workers: workers)
            }
        if let measured { values[limit] = max(values[limit] ?? 0, measured) }
    }
}

/// Rate at which memory of a given size is read again and again: from a cache it fits, else from DRAM.
enum ReadBandwidth {
    /// - Returns: GB/s of all workers together, the best of a few tries.
    static func measure(bytes: Int, workers: Int) -> Double {
        let unit = 64, width = SIMD16<Float>.scalarCount
        let part = max(unit, bytes / MemoryLayout<Float>.stride / workers / unit * unit)
        let pool = WorkerPool(workers: workers)
        let buffers = (0..<workers).map { _ in FloatBuffer(count: part, filledWith: 1) }
        let sums = FloatBuffer(count: workers * width)
        // Tries of at least a few milliseconds, so that starting the workers does not count.
        let passes = max(1, (32 << 20) / (part * workers))
        func run() {
            pool.run(lanes: workers) { lane, _ in
                let start = UnsafeRawPointer(buffers[lane].pointer)
                var a = SIMD16<Float>(repeating: 0), b = a, c = a, d = a
                for _ in 0..<passes {
                    for i in stride(from: 0, to: part * 4, by: unit * 4) {
                        a += start.load(fromByteOffset: i, as: SIMD16<Float>.self)
                        b += start.load(fromByteOffset: i + 64, as: SIMD16<Float>.self)
                        c += start.load(fromByteOffset: i + 128, as: SIMD16<Float>.self)
                        d += start.load(fromByteOffset: i + 192, as: SIMD16<Float>.self)
                    }
                }
                // Kept, or the compiler would leave the reading out.
                UnsafeMutableRawPointer(sums.pointer + lane * width).storeBytes(of: a + b + c + d, as: SIMD16<Float>.self)
            }
        }
        run()
        let best = Timing.best(of: 5, run)
        return Double(part * 4 * workers * passes) / best / 1e6
    }
}

/// Rate of fused multiply-adds that wait for nothing, the most this machine's arithmetic gives.
enum MultiplyAddPeak {
    /// - Parameter cores: loops at once, each on a thread of its own.
    /// - Returns: GFLOP/s of all together, the best of a few tries.
    static func measure(cores: Int) -> Double {
        let pool = WorkerPool(workers: cores), rounds = 2_000_000
        let sums = FloatBuffer(count: 16 * cores)
        var operations = 0
        func run() {
            let counts = pool.map(count: cores) { core in
                let (operations, sum) = MultiplyAddLoop.run(rounds: rounds)
                sums.pointer[16 * core] = sum
                return operations
            }
            operations = counts.reduce(0, +)
        }
        run()
        let best = Timing.best(of: 12, run)
        return Double(operations) / best / 1e6
    }
}

/// Rate of OpenBLAS's single-precision matrix products that stay in cache: what a library gives, where it knows the processor.
enum SgemmPeak {
    /// - Parameter cores: products at once, each on a thread of its own.
    /// - Returns: GFLOP/s of all together, the best of a few tries.
    static func measure(cores: Int) -> Double {
        // The threads are ours.
        openblas_set_num_threads(1)
        // A try as short as one of the multiply-adds: on a busy machine both then find an undisturbed moment.
        let size = 512, count = size * size
        let pool = WorkerPool(workers: cores)
        openblas_set_num_threads(1)
        let matrices = (0..<cores).map { _ in
            (FloatBuffer(count: count, filledWith: 0.5), FloatBuffer(count: count, filledWith: 0.25), FloatBuffer(count: count))
        }
        func run() {
            pool.run(lanes: cores) { lane, _ in
                let (a, b, c) = matrices[lane], n = blasint(size)
                cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.pointer, n, b.pointer, n, 0, c.pointer, n)
            }
        }
        run()
        let flops = Double(2 * size * size * size * cores)
        let best = Timing.best(of: 12, run)
        return flops / best / 1e6
    }
}
