import Basics
import Testing

@testable import Policies

@Suite struct SampleOrderTests {
    @Test func `every epoch visits every sample once, in another order`() {
        var order = SampleOrder(count: 13, seed: Seed(1))
        let epochs = (0..<3).map { epoch in (0..<13).map { order.sample(at: epoch * 13 + $0) } }
        for epoch in epochs { #expect(epoch.sorted() == Array(0..<13)) }
        #expect(Set(epochs).count == 3)
    }

    @Test func `a position's sample does not depend on what was asked before`() {
        var forward = SampleOrder(count: 13, seed: Seed(1))
        var backward = forward
        let samples = (0..<40).map { forward.sample(at: $0) }
        #expect(samples == (0..<40).reversed().map { backward.sample(at: $0) }.reversed())
        var other = SampleOrder(count: 13, seed: Seed(2))
        #expect(samples != (0..<40).map { other.sample(at: $0) })
    }
}
