import Foundation

/// Normalised temperature-scaled cross entropy of paired views (Chen et al. 2020, SimCLR eq. 1).
///
/// z [2 N, D] with unit rows, row i and row i + N two views of one frame -> [1]: the mean over all rows of
/// -log(exp(z_i · z_pair / τ) / Σ_{j ≠ i} exp(z_i · z_j / τ)).
///
/// Frames of one demonstration that are a moment apart look alike and are followed by nearly the same actions; as negatives
/// they are pushed apart for being different frames. With `spared` above 0 a second input [2 N, 2] holds demonstration and
/// frame of each row, whole numbers, and rows of the same demonstration at most so many frames apart, other than the row's
/// pair, are left out of its sum: they are neither positives nor negatives. No gradient reaches the places.
public struct NTXentOperation: Operation {
    public let name = "nt_xent"
    public let backwardReads: BackwardReads = .inputs
    let temperature: Float
    let spared: Int

    /// - Parameter spared: frames up to which neighbours are left out; 0 for none, and no second input.
    public init(temperature: Float, spared: Int = 0) {
        precondition(temperature > 0, "temperature \(temperature) must be positive")
        precondition(spared >= 0, "\(spared) frames to spare")
        self.temperature = temperature
        self.spared = spared
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(inputs[0].rank == 2 && inputs[0][0] % 2 == 0, "\(name) needs an even number of rows: \(inputs[0])")
        precondition(
            inputs.dropFirst() == (spared > 0 ? [[inputs[0][0], 2]] : []), "\(name) that spares \(spared) frames of \(inputs)")
        return [1]
    }

    /// The softmax probabilities [2 N, 2 N].
    public func savedCount(_ inputs: [Shape]) -> Int { inputs[0][0] * inputs[0][0] }
    public func flops(_ inputs: [Shape]) -> Int { 2 * inputs[0][0] * inputs[0].count }
    public func preparation(_ inputs: [Shape]) -> (any Preparation)? { Products(rows: inputs[0][0], width: inputs[0].last) }

    /// The two products. Each sum runs over its terms in order, as OpenBLAS's does at 64 rows of 128: the same bits.
    private final class Products: Preparation {
        /// The logits z zᵀ, and the gradient of z from theirs.
        let logits, gradient: DenseProduct
        /// Where the packed rows begin, after the gradient of the logits.
        let packed: Int

        init(rows: Int, width: Int) {
            logits = DenseProduct(rows: rows, inner: width, columns: rows)
            gradient = DenseProduct(rows: rows, inner: rows, columns: width)
            packed = (rows * rows + 15) / 16 * 16
        }

        var scratchCount: Int { max(logits.panels.count, packed + gradient.panels.count) }
    }

    public func forward(_ step: ForwardStep) {
        guard step.part.isFirst else { return }
        let rows = step.inputShapes[0][0], z = step.input(0), p = step.saved
        let product = step.preparation(Products.self).logits
        product.packTransposed(z, into: step.scratch)
        product.run(z, step.scratch, into: p)
        if spared > 0 { leaveOutNeighbours(of: step.input(1), p, rows: rows) }
        var loss = 0.0
        for i in 0..<rows {
            let row = p + i * rows
            let pair = (i + rows / 2) % rows
            var maximum = -Float.infinity
            for j in 0..<rows {
                row[j] = j == i ? -.infinity : row[j] / temperature
                maximum = max(maximum, row[j])
            }
            var sum: Double = 0
            let logit = row[pair]
            for j in 0..<rows {
                row[j] = j == i ? 0 : Foundation.exp(row[j] - maximum)
                sum += Double(row[j])
            }
            loss += Foundation.log(sum) + Double(maximum - logit)
            let reciprocal = Float(1 / sum)
            for j in 0..<rows { row[j] *= reciprocal }
        }
        step.output[0] = Float(loss / Double(rows))
    }

    /// A logit of minus infinity has no share in the sum, and the probability 0 that is kept carries no gradient back. Whole
    /// numbers are told apart at a half, so that the last bits of a place do not matter.
    private func leaveOutNeighbours(of places: UnsafePointer<Float>, _ logits: UnsafeMutablePointer<Float>, rows: Int) {
        let bound = Float(spared) + 0.5
        for i in 0..<rows {
            for j in 0..<rows where j != (i + rows / 2) % rows {
                let isSame = abs(places[2 * i] - places[2 * j]) < 0.5
                if isSame && abs(places[2 * i + 1] - places[2 * j + 1]) < bound { logits[i * rows + j] = -.infinity }
            }
        }
    }

    public func backward(_ step: BackwardStep) {
        guard step.part.isFirst, let gradient = step.inputGradient(0) else { return }
        let rows = step.inputShapes[0][0], products = step.preparation(Products.self)
        let factor = step.outputGradient[0] / (Float(rows) * temperature)
        // The gradient of logit (i, j), symmetrised because z_i · z_j is both logit (i, j) and logit (j, i).
        let g = step.scratch, p = step.saved
        for i in 0..<rows {
            for j in 0..<rows {
                let target: Float = j == (i + rows / 2) % rows ? 2 : 0
                g[i * rows + j] = factor * (p[i * rows + j] + p[j * rows + i] - target)
            }
        }
        let packed = g + products.packed
        products.gradient.pack(step.input(0), into: packed)
        products.gradient.run(g, packed, into: gradient, adding: true)
    }
}
