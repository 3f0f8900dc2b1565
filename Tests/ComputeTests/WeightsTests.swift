import Basics
import Compute
import Testing

@Suite struct WeightsTests {
    static let layers = [
        ProductCase(input: [2, 5, 17], outputs: 33, kernel: 3, padding: 1),
        ProductCase(kind: .transposed, input: [2, 4, 7], outputs: 31, kernel: 4, stride: 2, padding: 1),
        ProductCase(kind: .linear, input: [3, 19], outputs: 5),
        ProductCase(input: [1, 5, 4, 16], outputs: 32, kernel: 3, padding: 1),
    ]

    @Test(arguments: layers) func `results are those of the parameters when they were packed last`(_ layer: ProductCase) {
        let run = layer.run(), count = run.store.count
        let x = [RandomValues.normal(run.inputs[0].shape.count, "input")]
        let upstream = RandomValues.normal(run.output.shape.count, "upstream")
        let first = RandomValues.normal(count, "first"), second = RandomValues.normal(count, "second")
        let parameters = FloatBuffer(first)
        let weights = Weights(run.store, parameters: parameters, forTraining: true)
        let before = run.result(x, run.weights(first), upstream: upstream)
        #expect(run.result(x, weights, upstream: upstream).difference(from: before) == 0)
        parameters.copy(from: FloatBuffer(second))
        weights.pack(WorkerPool(workers: 2))
        let repacked = run.result(x, weights, upstream: upstream)
        #expect(repacked.difference(from: run.result(x, run.weights(second), upstream: upstream)) == 0)
        #expect(repacked.difference(from: before) > 1)
    }

    @Test func `packing for training reuses the memory of the same parameters only`() {
        let layer = Self.layers[0].run(), pool = WorkerPool(workers: 1)
        let parameters = FloatBuffer(RandomValues.normal(layer.store.count, "parameters"))
        let first = Weights.packed(parameters, of: layer.store, reusing: nil, pool: pool)
        parameters.pointer[0] = 3
        let second = Weights.packed(parameters, of: layer.store, reusing: first, pool: pool)
        #expect(first === second)
        let x = [RandomValues.normal(layer.inputs[0].shape.count, "input")]
        #expect(layer.output(x, second) == layer.output(x, layer.weights(parameters.array)))
        let other = FloatBuffer(parameters.array)
        #expect(Weights.packed(other, of: layer.store, reusing: second, pool: pool) !== second)
    }

    @Test func `weights for inference give the output of those for training`() {
        for layer in Self.layers.map({ $0.run() }) {
            let parameters = RandomValues.normal(layer.store.count, "parameters")
            let x = [RandomValues.normal(layer.inputs[0].shape.count, "input")]
            let training = layer.weights(parameters)
            let inference = Weights(layer.store, parameters: FloatBuffer(parameters), forTraining: false)
            #expect(layer.output(x, inference) == layer.output(x, training))
        }
    }
}
