import Basics

/// The parameters of a run and, for every matrix and kernel among them, the panels the product kernels stream: packed
/// once per step rather than in every product.
public final class Weights: @unchecked Sendable {
    public let parameters: FloatBuffer
    /// What outputs are computed with: B [taps · I, O], rows tap after tap (for a transposed convolution, whose forward
    /// is an adjoint, from the last tap to the first).
    let forward: FloatBuffer
    /// What input gradients are computed with: B [taps · O, I], in the other order. Nil when only forward runs.
    let adjoint: FloatBuffer?
    private let matrices: [Parameter]

    /// Packs the parameters as they are; call `pack` after they have changed.
    /// - Parameter forTraining: whether backward runs
    public init(_ store: ParameterStore, parameters: FloatBuffer, forTraining: Bool, pool: WorkerPool? = nil) {
        precondition(parameters.count == store.count, "buffer of \(parameters.count) floats for \(store.count) parameters")
        self.parameters = parameters
        matrices = store.parameters.filter(\.isMatrix)
        forward = FloatBuffer(count: store.forwardCount)
        adjoint = forTraining ? FloatBuffer(count: store.adjointCount) : nil
        pack(pool)
    }

    /// Bytes a forward run reads: the panels, and the parameters that are not packed.
    public var forwardBytes: Int {
        (forward.count + parameters.count - matrices.reduce(0) { $0 + $1.count }) * MemoryLayout<Float>.stride
    }

    /// The parameters packed for training as they are now, in the memory of the last call where it fits.
    public static func packed(
        _ parameters: FloatBuffer, of store: ParameterStore, reusing last: Weights?, pool: WorkerPool
    ) -> Weights {
        guard let last, last.parameters === parameters else {
            return Weights(store, parameters: parameters, forTraining: true, pool: pool)
        }
        last.pack(pool)
        return last
    }

    /// Packs again, one parameter's panel a lane.
    public func pack(_ pool: WorkerPool?) {
        var work: [(parameter: Parameter, isAdjoint: Bool, panel: Int)] = []
        for parameter in matrices {
            work += (0..<parameter.forwardPanels.panelCount).map { (parameter, false, $0) }
            if adjoint != nil { work += (0..<parameter.adjointPanels.panelCount).map { (parameter, true, $0) } }
        }
        let lanes = work
        let body: @Sendable (Int, Int) -> Void = { [self] lane, _ in
            let (parameter, isAdjoint, panel) = lanes[lane]
            guard let target = isAdjoint ? adjoint : forward else { return }
            let place = target.pointer + (isAdjoint ? parameter.adjointOffset : parameter.forwardOffset)
            let panels = isAdjoint ? parameter.adjointPanels : parameter.forwardPanels
            switch (parameter.packing, isAdjoint) {
            case (.products, false), (.transposedProducts, true): packAscending(parameter, panels, panel, to: place)
            case (.products, true), (.transposedProducts, false): packDescending(parameter, panels, panel, to: place)
            case (.winograd, _): packWinograd(parameter, panels, panel, turned: isAdjoint, to: place)
            }
        }
        if let pool { pool.run(lanes: lanes.count, body) } else { for lane in lanes.indices { body(lane, 0) } }
    }

    /// Stored [D0, taps, D1] to rows (tap, d1) of D0 columns.
    private func packAscending(_ parameter: Parameter, _ panels: Panels, _ panel: Int, to target: UnsafeMutablePointer<Float>) {
        panels.packTransposed(panel, into: target, UnsafePointer(parameters.pointer + parameter.offset))
    }

    /// Stored [D0, taps, D1] to rows (last tap first, d0) of D1 columns.
    private func packDescending(_ parameter: Parameter, _ panels: Panels, _ panel: Int, to target: UnsafeMutablePointer<Float>) {
        let stored = UnsafePointer(parameters.pointer + parameter.offset)
        let first = parameter.shape[0], second = parameter.shape[1], taps = panels.rows / first
        panels.pack(panel, into: target) { row in
            stored + (row % first * taps + taps - 1 - row / first) * second
        }
    }

    /// Stored [O, 3, 3, I] to sixteen matrices [I, O], or [O, I] of the kernel turned by 180 degrees.
    private func packWinograd(
        _ parameter: Parameter, _ panels: Panels, _ panel: Int, turned: Bool, to target: UnsafeMutablePointer<Float>
    ) {
        let stored = UnsafePointer(parameters.pointer + parameter.offset), inputs = parameter.shape[1]
        let width = panels.width(panel), first = panel * Panels.width
        for row in 0..<panels.rows {
            for column in first..<first + width {
                let kernel = stored + (turned ? row * 9 * inputs + column : column * 9 * inputs + row)
                let values = WinogradTransforms.kernel { y, x in
                    kernel[(turned ? 8 - (3 * y + x) : 3 * y + x) * inputs]
                }
                let place = target + panels.offset(panel) + row * width + column - first
                for (position, value) in values.enumerated() { place[position * panels.count] = value }
            }
        }
    }
}

extension Parameter {
    /// Whether the parameter is a matrix or a kernel, so that products stream it in panels.
    var isMatrix: Bool { shape.count >= 2 }
    /// Matrices the panels are made for.
    var packedMatrices: Int { packing == .winograd ? WinogradTransforms.positions : 1 }
    var forwardPanels: Panels { panels(ofAxis: packing == .transposedProducts ? 1 : 0) }
    var adjointPanels: Panels { panels(ofAxis: packing == .transposedProducts ? 0 : 1) }
    private func panels(ofAxis axis: Int) -> Panels {
        Panels(rows: packing == .winograd ? shape[1 - axis] : count / shape[axis], columns: shape[axis])
    }
}
