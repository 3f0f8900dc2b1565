import Basics

/// What it costs to cover sequences by at most m contiguous pieces of training sequences.
///
/// A piece over the steps s ..< e is that span of any one training chunk; its cost is the squared distance there. The cheapest
/// m pieces follow by dynamic programming over the cuts: C_m(e) = min over s < e of C_{m-1}(s) + min over chunks of the piece
/// s ..< e. Costs are given as the distance of the metric, root mean square over all H x D entries, so that one piece costs d1.
struct SpliceCosts: Sendable {
    static let mostPieces = 4

    /// By row, then by pieces: 1, 2, ... `mostPieces`.
    let costs: [[Double]]
    /// The step at which the second of two pieces begins; 0 where one piece is as good.
    let cut: [Int]

    init(_ chunks: Chunks, _ context: ProbeContext) {
        let train = TrainingSteps(context.train, context.metric), metric = context.metric
        let rows = context.pool.map(count: chunks.count) { row in
            train.splice(chunks.values[row * chunks.width..<(row + 1) * chunks.width].enumerated().map { $1 / metric.scale[$0 % metric.scale.count] })
        }
        costs = rows.map(\.costs)
        cut = rows.map(\.cut)
    }
}

/// Training chunks in units of the metric with the chunks innermost, so that all are compared with a step at once.
private struct TrainingSteps: Sendable {
    private let count: Int, horizon: Int, dimensions: Int
    private let values: [Float]  // [H, D, n]

    init(_ chunks: Chunks, _ metric: ChunkMetric) {
        let (count, width) = (chunks.count, chunks.width)
        var values = [Float](repeating: 0, count: count * width)
        for row in 0..<count {
            for column in 0..<width {
                values[column * count + row] = chunks.values[row * width + column] / metric.scale[column % metric.scale.count]
            }
        }
        (self.count, horizon, dimensions, self.values) = (count, chunks.horizon, chunks.actionDimension, values)
    }

    /// - Parameter sequence: in units of the metric, [H, D].
    func splice(_ sequence: [Float]) -> (costs: [Double], cut: Int) {
        let pieces = pieces(stepDistances(sequence))
        // best[e]: cheapest cover of the steps before e by as many pieces as were allowed so far.
        var best = (0...horizon).map { $0 == 0 ? 0 : pieces[0][$0] }, cut = 0
        var costs = [best[horizon]]
        for m in 2...SpliceCosts.mostPieces {
            let before = best
            for end in stride(from: 1, through: horizon, by: 1) {
                for start in 1..<max(2, end) where start < end && before[start] + pieces[start][end] < best[end] {
                    best[end] = before[start] + pieces[start][end]
                    if m == 2 && end == horizon { cut = start }
                }
            }
            costs.append(best[horizon])
        }
        let entries = Double(horizon * dimensions)
        return (costs.map { (Double($0) / entries).squareRoot() }, cut)
    }

    /// Squared distance of every chunk at every step, [H, n].
    private func stepDistances(_ sequence: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: horizon * count)
        result.withUnsafeMutableBufferPointer { result in
            values.withUnsafeBufferPointer { values in
                for column in sequence.indices {
                    let (value, from, to) = (sequence[column], column * count, column / dimensions * count)
                    for row in 0..<count {
                        let difference = values[from + row] - value
                        result[to + row] += difference * difference
                    }
                }
            }
        }
        return result
    }

    /// The cheapest chunk over every span, [first step][step after the last].
    private func pieces(_ distances: [Float]) -> [[Float]] {
        var running = [Float](repeating: 0, count: count)
        return distances.withUnsafeBufferPointer { distances in
            running.withUnsafeMutableBufferPointer { running in
                (0..<horizon).map { start in
                    var least = [Float](repeating: .infinity, count: horizon + 1)
                    for row in 0..<count { running[row] = 0 }
                    for step in start..<horizon {
                        var smallest = Float.infinity
                        for row in 0..<count {
                            running[row] += distances[step * count + row]
                            if running[row] < smallest { smallest = running[row] }
                        }
                        least[step + 1] = smallest
                    }
                    return least
                }
            }
        }
    }
}
