import Basics
import Compute

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
        let best = (0..<5).reduce(Double.infinity) { best, _ in min(best, Timing.once(run)) }
        return Double(part * 4 * workers * passes) / best / 1e6
    }
}
