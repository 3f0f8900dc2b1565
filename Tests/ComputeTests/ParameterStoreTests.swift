import Basics
import Compute
import Safetensors
import TestSupport
import Testing

@Suite struct ParameterStoreTests {
    private func makeStore() -> ParameterStore {
        let store = ParameterStore()
        _ = store.add("a.weight", [2, 3, 2], .uniform(bound: 0.5))
        _ = store.add("a.bias", [2], .constant(7))
        return store
    }

    @Test func `a convolution's weight is kept with the input channels last and saved as PyTorch has it`() throws {
        let store = makeStore()
        let buffer = store.makeBuffer()
        let tensors = [
            "a.weight": Tensor(shape: [2, 3, 2], values: (0..<12).map(Float.init)),
            "a.bias": Tensor(shape: [2], values: [-1, -2]),
        ]
        try store.load(tensors, into: buffer, from: "memory")
        #expect(buffer.array == [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11, -1, -2])
        let saved = store.tensors(of: buffer)
        #expect(saved.map(\.name) == ["a.weight", "a.bias"])
        #expect(saved.map(\.tensor) == [tensors["a.weight"], tensors["a.bias"]])
    }

    @Test func `initial values keep to their bound and do not depend on other parameters`() {
        let store = makeStore()
        let larger = ParameterStore()
        _ = larger.add("before", [100], .uniform(bound: 1))
        for parameter in store.parameters { _ = larger.add(parameter.name, parameter.shape, parameter.initialization) }
        let values = store.makeInitialized(Seed(4)).array
        #expect(Difference.first(values, Array(larger.makeInitialized(Seed(4)).array.dropFirst(100))) == nil)
        #expect(values != store.makeInitialized(Seed(5)).array)
        #expect(values.prefix(12).allSatisfy { abs($0) <= 0.5 } && Set(values.prefix(12)).count == 12)
        #expect(values.suffix(2) == [7, 7])
    }

    @Test(arguments: [
        ["a.weight": [2, 3, 2]], ["a.weight": [2, 3, 2], "a.bias": [3]],
        ["a.weight": [2, 3, 2], "a.bias": [2], "b.bias": [1]],
    ])
    func `a missing, misshapen or unknown parameter is refused by name`(_ shapes: [String: [Int]]) {
        let store = makeStore()
        let tensors = shapes.mapValues { Tensor(shape: $0, values: [Float](repeating: 0, count: $0.reduce(1, *))) }
        let failure = #expect(throws: Failure.self) {
            try store.load(tensors, into: store.makeBuffer(), from: "model.safetensors")
        }
        #expect(failure?.kind == .data)
        #expect(failure?.location == (shapes["b.bias"] == nil ? "model.safetensors: a.bias" : "model.safetensors: b.bias"))
    }
}
