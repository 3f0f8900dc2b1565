import Basics
import Compute
import Foundation

/// Its input backwards, so that what a part reads was written by another.
struct ReversalOperation: Compute.Operation {
    let name = "reversal"
    /// Whether the first part takes two milliseconds.
    var isLate = false
    let backwardReads: BackwardReads = []

    func outputShape(_ inputs: [Shape]) -> Shape { inputs[0] }

    func forward(_ step: ForwardStep) {
        let count = step.outputShape.count
        wait(step.part)
        for i in range(step.part, of: count) { step.output[i] = step.input(0)[count - 1 - i] }
    }

    func backward(_ step: BackwardStep) {
        let count = step.outputShape.count
        wait(step.part)
        guard let gradient = step.inputGradient(0) else { return }
        for i in range(step.part, of: count) { gradient[count - 1 - i] += step.outputGradient[i] }
    }

    private func range(_ part: WorkPart, of count: Int) -> Range<Int> {
        count * part.index / part.count..<count * (part.index + 1) / part.count
    }

    private func wait(_ part: WorkPart) { if isLate && part.isFirst { Thread.sleep(forTimeInterval: 0.002) } }
}
