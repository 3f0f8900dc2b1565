import Basics
import Compute
import Testing

@Suite struct NTXentTests {
    private let rows = 12, width = 5

    /// Loss and gradient of random unit rows.
    /// - Parameter places: demonstration and frame of each row, with the frames to spare; nil for the plain loss.
    private func run(_ spared: (frames: Int, places: [Float])?) -> [Float] {
        var source = RandomSource(Seed(41))
        let graph = Graph(), z = graph.input([rows, width], needsGradient: true)
        let unit = graph.apply(L2NormalizeOperation(), z), places = spared.map { _ in graph.input([rows, 2]) }
        let loss =
            places.map { graph.apply(NTXentOperation(temperature: 0.4, spared: spared?.frames ?? 0), unit, $0) }
            ?? graph.apply(NTXentOperation(temperature: 0.4), unit)
        let runner = PlanRunner(graph.plan(for: .training)), store = ParameterStore()
        runner.set(z, (0..<rows * width).map { _ in Float(source.normal()) })
        if let places, let spared { runner.set(places, spared.places) }
        let weights = Weights(store, parameters: store.makeBuffer(), forTraining: true)
        let value = runner.trainingPass(weights, loss: loss, inputs: [z], addingTo: store.makeBuffer())
        return [value] + runner.gradient(of: z).array
    }

    private func places(_ place: (Int) -> (demonstration: Int, frame: Int)) -> [Float] {
        (0..<rows).flatMap { row in
            let place = place(row % (rows / 2))
            return [Float(place.demonstration), Float(place.frame)]
        }
    }

    @Test func `with nothing near the loss and its gradient have the bits of the plain loss`() {
        let plain = run(nil)
        #expect(run((3, places { ($0, 7) })) == plain)
        #expect(run((3, places { (0, 4 * $0) })) == plain)
        #expect(run((4, places { (0, 4 * $0) })) != plain)
    }

    @Test func `where all frames are near only the pair is left, and there is nothing to learn`() {
        let result = run((9, places { (0, $0) }))
        #expect(result.allSatisfy { abs($0) < 1e-6 })
    }
}
