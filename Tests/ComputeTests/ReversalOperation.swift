import Basics
import Compute
import Foundation

/// Its input backwards, so that what a member reads was written by another.
struct ReversalOperation: Compute.Operation {
    let name = "reversal"
    /// Whether the first member comes two milliseconds after the others.
    var isLate = false
    let backwardReads: BackwardReads = []

    func outputShape(_ inputs: [Shape]) -> Shape { inputs[0] }

    func forward(_ step: ForwardStep) {
        let count = step.outputShape.count
        wait(step.member)
        for i in part(step.member, of: count) { step.output[i] = step.input(0)[count - 1 - i] }
    }

    func backward(_ step: BackwardStep) {
        let count = step.outputShape.count
        wait(step.member)
        guard let gradient = step.inputGradient(0) else { return }
        for i in part(step.member, of: count) { gradient[count - 1 - i] += step.outputGradient[i] }
    }

    private func part(_ member: TeamMember, of count: Int) -> Range<Int> {
        count * member.index / member.count..<count * (member.index + 1) / member.count
    }

    private func wait(_ member: TeamMember) { if isLate && member.isFirst { Thread.sleep(forTimeInterval: 0.002) } }
}
