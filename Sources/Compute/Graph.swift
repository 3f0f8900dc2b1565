

/// A place in a graph: an index and a shape. Layers called on a value append steps to its graph.
public struct Value {
    public let graph: Graph
    let index: Int
    public let shape: Shape
}

/// Records forward code once, as a flat list of steps with static shapes; `plan` freezes it.
public final class Graph {
    /// What a plan will be run for.
    public enum Purpose: Sendable {
        /// Forward and backward: what a backward kernel reads is kept.
        case training
        /// Forward only.
        case inference
    }

    struct Slot {
        let shape: Shape
        let needsGradient: Bool
        /// The step that makes it; nil for an input of the graph.
        let producer: Int?
    }

    private var slots: [Slot] = []
    private var steps: [(operation: any Operation, inputs: [Value], output: Int)] = []

    public init() {}

    /// A value the caller fills before each run.
    /// - Parameter needsGradient: true when the caller reads the gradient, to continue it in another plan.
    public func input(_ shape: Shape, needsGradient: Bool = false) -> Value {
        slots.append(Slot(shape: shape, needsGradient: needsGradient, producer: nil))
        return Value(graph: self, index: slots.count - 1, shape: shape)
    }

    /// Appends one step. Shape mistakes stop here, with the step's name and both shapes.
    public func apply(_ operation: any Operation, _ inputs: Value...) -> Value {
        let shape = operation.outputShape(inputs.map(\.shape))
        let needsGradient = !operation.parameters.isEmpty || inputs.contains { slots[$0.index].needsGradient }
        slots.append(Slot(shape: shape, needsGradient: needsGradient, producer: steps.count))
        steps.append((operation, inputs, slots.count - 1))
        return Value(graph: self, index: slots.count - 1, shape: shape)
    }

    /// The recorded steps as immutable code with memory offsets.
    public func plan(for purpose: Purpose = .training) -> Plan {
        var readers = [Int](repeating: 0, count: slots.count)
        for step in steps { for input in step.inputs { readers[input.index] += 1 } }
        let kept = slots.indices.map { slots[$0].producer == nil || readers[$0] == 0 }
        let values = placeValues(purpose, readers: readers, kept: readable(purpose, kept))
        let gradients = placeGradients(kept: kept)
        let records = steps.enumerated().map { index, step in
            let shapes = step.inputs.map(\.shape)
            return Plan.Step(
                operation: step.operation, inputShapes: shapes, outputShape: slots[step.output].shape,
                inputOffsets: step.inputs.map { values.offsets[$0.index] }, outputOffset: values.offsets[step.output],
                savedOffset: values.saved[index],
                inputGradientOffsets: step.inputs.map { gradients.offsets[$0.index] },
                outputGradientOffset: gradients.offsets[step.output],
                inputNeedsGradient: step.inputs.map { slots[$0.index].needsGradient },
                opensInput: step.inputs.enumerated().map { place, input in
                    // A value that is two inputs is opened by the first.
                    gradients.opened[index].contains(input.index) && !step.inputs[..<place].contains { $0.index == input.index }
                },
                clearsGradients: step.operation.writesGradients
                    ? [] : gradients.opened[index].map { (gradients.offsets[$0], slots[$0].shape.count) },
                needsGradient: slots[step.output].needsGradient, made: step.operation.preparation(shapes))
        }
        return Plan(
            steps: records, purpose: purpose, kept: kept, readable: readable(purpose, kept), offsets: values.offsets, gradientOffsets: gradients.offsets,
            gradientCount: gradients.total, slabCount: values.total,
            scratchCount: records.map { max($0.operation.scratchCount($0.inputShapes), $0.made?.scratchCount ?? 0) }.max() ?? 0)
    }

    /// The values that keep their place to the end: the graph's inputs and outputs, and what backward reads.
    private func readable(_ purpose: Purpose, _ kept: [Bool]) -> [Bool] {
        var result = kept
        guard purpose == .training else { return result }
        for step in steps {
            let reads = step.operation.backwardReads
            if reads.contains(.inputs) { for input in step.inputs { result[input.index] = true } }
            if reads.contains(.output) { result[step.output] = true }
        }
        return result
    }

    private func placeValues(
        _ purpose: Purpose, readers: [Int], kept: [Bool]
    ) -> (offsets: [Int], saved: [Int], total: Int) {
        var planner = MemoryPlanner()
        var offsets = slots.map { $0.producer == nil ? planner.take($0.shape.count) : 0 }
        var readers = readers
        let saved = steps.map { step in
            let savedCount = step.operation.savedCount(step.inputs.map(\.shape))
            offsets[step.output] = planner.take(slots[step.output].shape.count)
            let place = planner.take(savedCount)
            if purpose == .inference { planner.release(place, count: savedCount) }
            for input in step.inputs {
                readers[input.index] -= 1
                if readers[input.index] == 0 && !kept[input.index] {
                    planner.release(offsets[input.index], count: input.shape.count)
                }
            }
            return place
        }
        return (offsets, saved, planner.total)
    }

    /// A gradient lives from the last reader of its value to the value's producer; those of the graph's inputs and
    /// outputs live throughout, because the caller reads and sets them.
    private func placeGradients(kept: [Bool]) -> (offsets: [Int], opened: [[Int]], total: Int) {
        var planner = MemoryPlanner()
        var offsets = slots.indices.map { kept[$0] && slots[$0].needsGradient ? planner.take(slots[$0].shape.count) : -1 }
        var opened = [[Int]](repeating: [], count: steps.count)
        for (index, step) in steps.enumerated().reversed() where slots[step.output].needsGradient {
            for input in step.inputs where slots[input.index].needsGradient && offsets[input.index] < 0 {
                offsets[input.index] = planner.take(input.shape.count)
                opened[index].append(input.index)
            }
            if !kept[step.output] { planner.release(offsets[step.output], count: slots[step.output].shape.count) }
        }
        return (offsets, opened, planner.total)
    }
}
