/// Scaled dot-product attention of several heads (Vaswani et al. 2017, eq. 1; PyTorch `F.scaled_dot_product_attention`).
///
/// query [B, Q, E], key [B, K, E], value [B, K, E] -> [B, Q, E]. Head h has the columns h E / H ..< (h + 1) E / H of each, d = E / H
/// of them, and answers softmax(query keyᵀ / √d) value: for every query a mean of the values, weighted by how well their keys
/// fit. The projections before and after are `LinearOperation`s. Without a mask: every token is there.
///
/// A head of a sample is a piece of work of its own. All products but the scores' softmax run with the keys, or with a head's
/// columns, side by side in the vector registers: for that the keys lie transposed in the scratch memory.
public struct AttentionOperation: Operation {
    public let name = "attention"
    public let backwardReads: BackwardReads = .inputs
    let heads: Int

    public init(heads: Int) {
        precondition(heads > 0, "\(heads) heads")
        self.heads = heads
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        let query = inputs[0], key = inputs[1]
        precondition(
            inputs.count == 3 && query.rank == 3 && key == inputs[2] && query[0] == key[0] && query.last == key.last,
            "\(name): query, key and value are \(inputs)")
        precondition(query.last % heads == 0, "\(name): \(query.last) columns in \(heads) heads")
        return query
    }

    /// The weights [B, H, Q, K].
    public func savedCount(_ inputs: [Shape]) -> Int { inputs[0][0] * heads * inputs[0][1] * inputs[1][1] }
    /// A head's keys or values, transposed, and two rows of gradients of weights.
    public func scratchCount(_ inputs: [Shape]) -> Int { inputs[1][1] * (inputs[0].last / heads + 2) }
    public func flops(_ inputs: [Shape]) -> Int { 4 * inputs[0].count * inputs[1][1] }

    /// One head of one sample: where its numbers begin.
    private struct Head {
        let queries, keys, width, stride: Int
        /// Of query and output, of key and value, and of the weights.
        let query, key, weights: Int

        init(_ index: Int, heads: Int, _ shapes: [Shape]) {
            let sample = index / heads, head = index % heads
            (queries, keys, stride) = (shapes[0][1], shapes[1][1], shapes[0].last)
            width = stride / heads
            query = sample * queries * stride + head * width
            key = sample * keys * stride + head * width
            weights = index * queries * keys
        }

        /// Rows of keys or values as columns: [K, d] -> [d, K].
        func transpose(_ rows: UnsafePointer<Float>, to columns: UnsafeMutablePointer<Float>) {
            for k in 0..<keys {
                for c in 0..<width { columns[c * keys + k] = rows[k * stride + c] }
            }
        }

        /// For every key its product with `row`: [d] times [d, K].
        func products(_ row: UnsafePointer<Float>, _ columns: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>, scale: Float) {
            let first = row[0] * scale
            for k in 0..<keys { result[k] = first * columns[k] }
            for c in 1..<width {
                let factor = row[c] * scale, column = columns + c * keys
                for k in 0..<keys { result[k] += factor * column[k] }
            }
        }

        /// Adds the rows, weighted, to `sum` [d].
        func add(_ weights: UnsafePointer<Float>, of rows: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>) {
            for k in 0..<keys {
                let weight = weights[k], row = rows + k * stride
                for c in 0..<width { sum[c] += weight * row[c] }
            }
        }

        /// Adds `row` [d] to every one of the rows, weighted.
        func spread(_ weights: UnsafePointer<Float>, _ row: UnsafePointer<Float>, to rows: UnsafeMutablePointer<Float>) {
            for k in 0..<keys {
                let weight = weights[k], target = rows + k * stride
                for c in 0..<width { target[c] += weight * row[c] }
            }
        }

        var scale: Float { 1 / Float(width).squareRoot() }
    }

    public func forward(_ step: ForwardStep) {
        for index in step.part.range(of: step.outputShape[0] * heads) {
            let head = Head(index, heads: heads, step.inputShapes)
            let value = step.input(2) + head.key, columns = step.scratch
            head.transpose(step.input(1) + head.key, to: columns)
            for q in 0..<head.queries {
                let place = head.query + q * head.stride, weights = step.saved + head.weights + q * head.keys
                head.products(step.input(0) + place, columns, to: weights, scale: head.scale)
                Self.softmax(weights, count: head.keys)
                let output = step.output + place
                output.update(repeating: 0, count: head.width)
                head.add(weights, of: value, to: output)
            }
        }
    }

    private static func softmax(_ x: UnsafeMutablePointer<Float>, count: Int) {
        var largest = x[0]
        for k in 1..<count { largest = max(largest, x[k]) }
        for k in 0..<count { x[k] = Vector.exp(x[k] - largest) }
        let reciprocal = 1 / Vector.sum(x, count: count)
        for k in 0..<count { x[k] *= reciprocal }
    }

    /// With weights p and their gradient g = dy valueᵀ: that of the scores is p (g - Σ p g), the derivative of the softmax.
    public func backward(_ step: BackwardStep) {
        for index in step.part.range(of: step.outputShape[0] * heads) {
            let head = Head(index, heads: heads, step.inputShapes)
            let query = step.input(0) + head.query, key = step.input(1) + head.key
            let columns = step.scratch, g = columns + head.width * head.keys, scores = g + head.keys
            head.transpose(step.input(2) + head.key, to: columns)
            for q in 0..<head.queries {
                let row = q * head.stride, p = UnsafePointer(step.saved + head.weights + q * head.keys)
                let dy = step.outputGradient + head.query + row
                if let gradient = step.inputGradient(2) { head.spread(p, dy, to: gradient + head.key) }
                head.products(dy, columns, to: g, scale: 1)
                let mean = Vector.dot(p, g, count: head.keys), scale = head.scale
                for k in 0..<head.keys { scores[k] = scale * p[k] * (g[k] - mean) }
                if let gradient = step.inputGradient(0) { head.add(scores, of: key, to: gradient + head.query + row) }
                if let gradient = step.inputGradient(1) { head.spread(scores, query + row, to: gradient + head.key) }
            }
        }
    }
}
