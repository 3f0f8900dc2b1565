import Basics

/// Sums and norms over gradient buffers, in an order that does not depend on the number of workers.
public enum Gradients {
    /// gradients[start...] += Σ lanes, added in lane order.
    public static func add(_ lanes: [FloatBuffer], to gradients: FloatBuffer, at start: Int, pool: WorkerPool) {
        guard let first = lanes.first else { return }
        precondition(start + first.count <= gradients.count, "\(first.count) from \(start) of \(gradients.count)")
        pool.run(count: first.count, grain: 1 << 14) { range in
            for lane in lanes {
                Vector.add(
                    lane.pointer + range.lowerBound, to: gradients.pointer + start + range.lowerBound, count: range.count)
            }
        }
    }

    /// The Euclidean norm; NaN or infinite when any entry is.
    public static func norm(_ gradients: FloatBuffer) -> Float {
        var sum = 0.0
        for start in stride(from: 0, to: gradients.count, by: 1 << 12) {
            let part = gradients.pointer + start
            sum += Double(Vector.dot(part, part, count: min(1 << 12, gradients.count - start)))
        }
        return Float(sum.squareRoot())
    }

    /// Scales to the given norm when larger (PyTorch `clip_grad_norm_`).
    public static func clip(_ gradients: FloatBuffer, norm: Float, to maximum: Float) {
        guard norm > maximum else { return }
        let factor = maximum / (norm + 1e-6)
        for i in 0..<gradients.count { gradients.pointer[i] *= factor }
    }
}
