/// A place in a graph: an index and a shape. Layers called on a value append steps to its graph.
public struct Value {
    public let graph: Graph
    let index: Int
    public let shape: Shape
}

/// Records forward code once, as a flat list of steps with static shapes; `plan` freezes it.
public final class Graph {
    struct Slot {
        let shape: Shape
        let needsGradient: Bool
    }

    private var slots: [Slot] = []
    private var steps: [(operation: any Operation, inputs: [Value], output: Int)] = []

    public init() {}

    /// A value the caller fills before each run.
    /// - Parameter needsGradient: true when the caller reads the gradient, to continue it in another plan.
    public func input(_ shape: Shape, needsGradient: Bool = false) -> Value {
        slots.append(Slot(shape: shape, needsGradient: needsGradient))
        return Value(graph: self, index: slots.count - 1, shape: shape)
    }

    /// Appends one step. Shape mistakes stop here, with the step's name and both shapes.
    public func apply(_ operation: any Operation, _ inputs: Value...) -> Value {
        let shape = operation.outputShape(inputs.map(\.shape))
        let needsGradient = operation.hasParameters || inputs.contains { slots[$0.index].needsGradient }
        slots.append(Slot(shape: shape, needsGradient: needsGradient))
        steps.append((operation, inputs, slots.count - 1))
        return Value(graph: self, index: slots.count - 1, shape: shape)
    }

    /// The recorded steps as immutable code with memory offsets.
    public func plan() -> Plan {
        var offsets: [Int] = [], total = 0
        func take(_ count: Int) -> Int {
            defer { total += (count + 15) / 16 * 16 }  // cache lines
            return total
        }
        for slot in slots { offsets.append(take(slot.shape.count)) }
        let valueCount = total
        var scratchCount = 0
        let records = steps.map { step in
            let shapes = step.inputs.map(\.shape)
            scratchCount = max(scratchCount, step.operation.scratchCount(shapes))
            return Plan.Step(
                operation: step.operation, inputShapes: shapes, outputShape: slots[step.output].shape,
                inputOffsets: step.inputs.map { offsets[$0.index] }, outputOffset: offsets[step.output],
                savedOffset: take(step.operation.savedCount(shapes)),
                inputNeedsGradient: step.inputs.map { slots[$0.index].needsGradient },
                needsGradient: slots[step.output].needsGradient)
        }
        return Plan(
            steps: records, offsets: offsets, gradientCount: valueCount, slabCount: total, scratchCount: scratchCount)
    }
}
