import Basics
import Compute
import Foundation
import Images

/// Inputs of the benchmark: numbers without structure, the same in every run.
enum RandomInputs {
    static func normal(_ count: Int, _ name: String) -> [Float] {
        var source = RandomSource(BenchmarkContext.seed / name)
        return (0..<count).map { _ in Float(source.normal()) }
    }

    static func uniform(_ count: Int, _ name: String, _ range: ClosedRange<Double> = -1...1) -> [Float] {
        var source = RandomSource(BenchmarkContext.seed / name)
        return (0..<count).map { _ in Float(source.uniform(range.lowerBound, range.upperBound)) }
    }

    static func image(side: Int, _ name: String) -> RGBImage {
        var source = RandomSource(BenchmarkContext.seed / name)
        return RGBImage(
            width: side, height: side, pixels: (0..<side * side * 3).map { _ in UInt8(truncatingIfNeeded: source.next()) })
    }

    /// Rows of unit length and random direction, [rows, width]; a row depends on its number alone.
    static func unitRows(_ rows: Int, width: Int, pool: WorkerPool) -> [Float] {
        [Float](unsafeUninitializedCapacity: rows * width) { buffer, count in
            nonisolated(unsafe) let target = buffer
            pool.run(count: rows, grain: 4096) { range in
                for row in range {
                    var source = RandomSource(BenchmarkContext.seed / "rows" / row)
                    var sum = 0.0
                    for i in row * width..<(row + 1) * width {
                        let value = source.normal()
                        target[i] = Float(value)
                        sum += value * value
                    }
                    let scale = Float(1 / sum.squareRoot())
                    for i in row * width..<(row + 1) * width { target[i] *= scale }
                }
            }
            count = rows * width
        }
    }
}
