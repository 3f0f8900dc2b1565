/// Action sequences compared by dynamic time warping (Sakoe and Chiba 1978): the cheapest alignment of their steps,
/// each step a point of all action dimensions.
///
/// The cost of a pair of steps is their squared distance; an alignment may stray `horizon / 4` steps (at least one) from
/// the diagonal. The distance is the root of the cheapest alignment's cost over its number of pairs and the action
/// dimensions, so that sequences that align step by step have their root mean square distance.
struct WarpedSequences: Sendable {
    let count: Int
    let demonstration: [Int]
    private let horizon: Int
    private let dimension: Int
    /// Words per step.
    private let stride: Int
    private let band: Int
    private let words: [SIMD8<Float>]  // [count, horizon, stride]

    /// - Parameter metric: what divides each action dimension.
    init(_ chunks: Chunks, metric: ChunkMetric) {
        let dimension = chunks.actionDimension
        let stride = (dimension + 7) / 8
        let steps = chunks.count * chunks.horizon
        var words = [SIMD8<Float>](repeating: .zero, count: steps * stride)
        for step in 0..<steps {
            for column in 0..<dimension {
                words[step * stride + column / 8][column % 8] =
                    chunks.values[step * dimension + column] / metric.scale[column]
            }
        }
        count = chunks.count
        demonstration = chunks.demonstration
        horizon = chunks.horizon
        self.dimension = dimension
        self.stride = stride
        band = max(1, chunks.horizon / 4)
        self.words = words
    }

    /// Distances from a row of `queries` to every row here.
    func distances(to row: Int, of queries: WarpedSequences) -> [Float] {
        precondition(
            horizon == queries.horizon && dimension == queries.dimension,
            "sequences of \(horizon) x \(dimension) against \(queries.horizon) x \(queries.dimension)")
        var scratch = Scratch(horizon: horizon)
        return (0..<count).map { distance($0, to: row, of: queries, &scratch) }
    }

    /// Cost and length of the cheapest alignment up to each step of the second sequence, one place shifted so that the
    /// first is the border.
    private struct Scratch {
        var above: [(cost: Float, pairs: Int32)]
        var current: [(cost: Float, pairs: Int32)]

        init(horizon: Int) {
            above = [(cost: Float, pairs: Int32)](repeating: (.infinity, 0), count: horizon + 1)
            current = above
        }
    }

    private func distance(_ row: Int, to other: Int, of queries: WarpedSequences, _ scratch: inout Scratch) -> Float {
        for place in 0...horizon { scratch.above[place] = (.infinity, 0) }
        scratch.above[0] = (0, 0)
        for step in 0..<horizon {
            for place in 0...horizon { scratch.current[place] = (.infinity, 0) }
            for column in max(0, step - band)...min(horizon - 1, step + band) {
                var squares = SIMD8<Float>.zero
                for word in 0..<stride {
                    let difference =
                        words[(row * horizon + step) * stride + word]
                        - queries.words[(other * horizon + column) * stride + word]
                    squares += difference * difference
                }
                // Ties go to the diagonal, the shorter alignment.
                var best = scratch.above[column]
                if scratch.above[column + 1].cost < best.cost { best = scratch.above[column + 1] }
                if scratch.current[column].cost < best.cost { best = scratch.current[column] }
                scratch.current[column + 1] = (best.cost + squares.sum(), best.pairs + 1)
            }
            swap(&scratch.above, &scratch.current)
        }
        let end = scratch.above[horizon]
        return (end.cost / Float(end.pairs) / Float(dimension)).squareRoot()
    }
}
