import Networks
import TestSupport
import Testing

@Suite struct TwoStepProcessTests {
    private let process = TwoStepProcess()

    @Test func `the first level holds nothing of the sequence, the second nine tenths of it, and both ask for it whole`() {
        #expect(process.levels == 2)
        #expect(process.noised(0.5, noise: -2, at: 0) == -2)
        #expect(abs(process.noised(0.5, noise: -2, at: 1) - (0.45 - 0.2)) < 1e-6)
        for t in 0..<2 {
            #expect(process.target(clean: 0.5, noise: -2, at: t) == 0.5)
            #expect(process.clean(noisy: 3, answer: 0.25, at: t) == 0.25 && process.answer(noisy: 3, clean: 0.25, at: t) == 0.25)
        }
    }

    @Test func `the way back refines the first answer and hands out the second, whatever the noise`() {
        var given: [[Float]] = []
        for start: [Float] in [[3, -4], [0, 9]] {
            var x = start
            process.reverse(&x, noise: { _ in [] }) { x, index in
                given.append(x)
                return index == 0 ? [0.5, -1] : [0.75, -0.25]
            }
            #expect(x == [0.75, -0.25])
        }
        #expect(given[0] == [3, -4] && given[2] == [0, 9])
        // What the second level is trained on, without its noise.
        #expect(given[1] == given[3] && Difference.absolute(given[1], [0.5, -1].map { process.noised($0, noise: 0, at: 1) }) == 0)
    }
}
