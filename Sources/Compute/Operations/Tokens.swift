/// Numbers for the places of a sequence of tokens, the same for every sample: [T, E].
public enum TokenTable: Sendable {
    /// Learned, as `nn.Embedding` in DETR and ACT.
    case learned(Parameter)
    /// Known beforehand, for instance sines of the place.
    case fixed([Float], Shape)

    var shape: Shape {
        switch self {
        case .learned(let parameter): Shape(parameter.shape)
        case .fixed(_, let shape): shape
        }
    }

    var parameters: [Parameter] {
        switch self {
        case .learned(let parameter): [parameter]
        case .fixed: []
        }
    }

    /// - Parameter parameter: where a learned table lies
    func withValues(_ parameter: (Parameter) -> UnsafePointer<Float>, _ body: (UnsafePointer<Float>) -> Void) {
        switch self {
        case .learned(let table): body(parameter(table))
        case .fixed(let values, _):
            values.withUnsafeBufferPointer { if let start = $0.baseAddress { body(start) } }
        }
    }
}

/// Tells tokens their places: x [B, T, E] + table [T, E]; or, where it only repeats, the table for each of the samples of
/// x [B, ...] -> [B, T, E], whatever x is.
public struct TokenTableOperation: Operation {
    public let name: String
    let table: TokenTable
    let repeats: Bool
    public var parameters: [Parameter] { table.parameters }
    public let backwardReads: BackwardReads = []

    /// - Parameter repeats: whether the table is all there is to the output
    public init(_ table: TokenTable, repeats: Bool = false) {
        if case .fixed(let values, let shape) = table {
            precondition(values.count == shape.count, "\(values.count) numbers for a table of \(shape)")
        }
        self.table = table
        self.repeats = repeats
        name = repeats ? "repeat_table" : "add_table"
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        let shape = Shape([inputs[0][0]] + table.shape.extents)
        precondition(table.shape.rank == 2 && (repeats || shape == inputs[0]), "\(name): table \(table.shape) and \(inputs[0])")
        return shape
    }

    public func flops(_ inputs: [Shape]) -> Int { repeats ? 0 : inputs[0].count }

    public func forward(_ step: ForwardStep) {
        let size = table.shape.count
        table.withValues(step.parameter) { values in
            for b in step.part.range(of: step.outputShape[0]) {
                let y = step.output + b * size
                if repeats {
                    y.update(from: values, count: size)
                } else {
                    let x = step.input(0) + b * size
                    for i in 0..<size { y[i] = x[i] + values[i] }
                }
            }
        }
    }

    public func backward(_ step: BackwardStep) {
        let size = table.shape.count, samples = step.outputShape[0], dy = step.outputGradient
        if !repeats, let gradient = step.inputGradient(0) {
            let share = step.part.range(of: samples * size, grain: 16)
            Vector.add(dy + share.lowerBound, to: gradient + share.lowerBound, count: share.count)
        }
        guard case .learned(let parameter) = table else { return }
        // Each part has some of the table, and adds up all samples of it in their order.
        let share = step.part.range(of: size, grain: 16), sum = step.parameterGradient(parameter) + share.lowerBound
        for b in 0..<samples { Vector.add(dy + b * size + share.lowerBound, to: sum, count: share.count) }
    }
}

/// Some of each sample's numbers in another shape: x [B, ...] -> [B] + shape, from number `start` of the sample on.
public struct SliceOperation: Operation {
    public let name = "slice"
    let start: Int
    let shape: Shape
    public let backwardReads: BackwardReads = []

    public init(from start: Int, _ shape: Shape) {
        self.start = start
        self.shape = shape
    }

    public func outputShape(_ inputs: [Shape]) -> Shape {
        precondition(start >= 0 && start + shape.count <= inputs[0].count / inputs[0][0], "\(name): \(shape) from \(start) of \(inputs[0])")
        return Shape([inputs[0][0]] + shape.extents)
    }

    public func forward(_ step: ForwardStep) {
        let count = shape.count, width = step.inputShapes[0].count / step.inputShapes[0][0]
        for b in step.part.range(of: step.outputShape[0]) {
            (step.output + b * count).update(from: step.input(0) + b * width + start, count: count)
        }
    }

    public func backward(_ step: BackwardStep) {
        guard let gradient = step.inputGradient(0) else { return }
        let count = shape.count, width = step.inputShapes[0].count / step.inputShapes[0][0]
        for b in step.part.range(of: step.outputShape[0]) {
            Vector.add(step.outputGradient + b * count, to: gradient + b * width + start, count: count)
        }
    }
}
