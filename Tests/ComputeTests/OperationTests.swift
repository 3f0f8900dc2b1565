import Basics
import Foundation
import Safetensors
import TestSupport
import Testing

@testable import Compute

@Suite struct OperationTests {
    @Test(arguments: OperationCases.all)
    func `an operation's output is PyTorch's`(_ row: OperationCase) throws {
        let run = try OperationRun(row)
        let difference = Difference.elementwise(run.forward().array(run.output), run.expectedOutput)
        #expect(difference <= row.tolerance)
    }

    @Test(arguments: OperationCases.all.filter(\.isDifferentiable))
    func `every gradient of an operation is PyTorch's, entry by entry`(_ row: OperationCase) throws {
        let run = try OperationRun(row)
        let parameterGradients = run.store.makeBuffer()
        let inputGradients = run.backward(run.forward(), into: parameterGradients)
        for (index, names) in row.inputs.enumerated() {
            let difference = Difference.elementwise(inputGradients[index], run.expectedInputGradients[index])
            #expect(difference <= 4 * row.tolerance, "\(names)")
        }
        for (actual, expected) in zip(
            run.store.tensors(of: parameterGradients), run.store.tensors(of: run.expectedParameterGradients))
        {
            let difference = Difference.elementwise(actual.tensor.values, expected.tensor.values)
            #expect(difference <= 4 * row.tolerance, "\(actual.name)")
        }
    }

    /// The kernels compute in float32, whose rounding would drown a small step. So the step is large, the error of
    /// the central difference is taken to the fourth order by a second step, and only the sum of the outputs is in
    /// double. Where the operation has kinks the step stays below the distance to the nearest, with more rounding.
    @Test(arguments: OperationCases.all.filter(\.isDifferentiable))
    func `central differences in random directions agree with the gradient`(_ row: OperationCase) throws {
        let run = try OperationRun(row)
        let parameterGradients = run.store.makeBuffer()
        let gradient = run.backward(run.forward(), into: parameterGradients).joined() + parameterGradients.array
        let length = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        for direction in 0..<4 {
            var source = RandomSource(Seed(5) / row.name / direction)
            let inputs = run.inputValues.map { $0.map { _ in Float(source.normal()) } }
            let parameters = run.parameters.array.map { _ in Float(source.normal()) }
            func sum(_ step: Float) -> Double {
                let moved = zip(run.inputValues, inputs).map { zip($0, $1).map { $0 + step * $1 } }
                let movedParameters = FloatBuffer(zip(run.parameters.array, parameters).map { $0 + step * $1 })
                let output = run.forward(moved, parameters: movedParameters).array(run.output)
                return zip(output, run.upstream).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            }
            let h = row.smoothness.rawValue
            let near = sum(h) - sum(-h)
            let far = sum(2 * h) - sum(-2 * h)
            let difference = (8 * near - far) / (12 * Double(h))
            let expected = zip(gradient, inputs.joined() + parameters).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            #expect(abs(difference - expected) <= 2e-3 * length, "direction \(direction)")
        }
    }

    @Test(arguments: OperationCases.all)
    func `memory full of NaN gives the same bits`(_ row: OperationCase) throws {
        let run = try OperationRun(row)
        let clean = run.forward()
        let poisoned = run.forward(poisoned: true)
        #expect(Difference.first(clean.array(run.output), poisoned.array(run.output)) == nil)
        guard row.isDifferentiable else { return }
        let cleanParameters = run.store.makeBuffer()
        let poisonedParameters = run.store.makeBuffer()
        let gradients = run.backward(clean, into: cleanParameters)
        #expect(gradients == run.backward(poisoned, into: poisonedParameters))
        #expect(Difference.first(cleanParameters.array, poisonedParameters.array) == nil)
    }

    @Test(arguments: OperationCases.all.filter(\.isDifferentiable))
    func `backward adds to the gradients that are there`(_ row: OperationCase) throws {
        let run = try OperationRun(row)
        let once = run.store.makeBuffer()
        let twice = run.store.makeBuffer()
        let memory = run.forward()
        let fromZero = run.backward(memory, into: once)
        _ = run.backward(memory, into: twice)
        let fromThree = run.backward(memory, start: 3, into: twice)
        for (zero, three) in zip(fromZero, fromThree) {
            #expect(Difference.elementwise(three, zero.map { $0 + 3 }) <= 1e-6)
        }
        #expect(Difference.elementwise(twice.array, once.array.map { 2 * $0 }) <= 1e-6)
    }

    @Test func `every operation has a row and every golden is used`() throws {
        let used = try Set(
            OperationCases.all.flatMap { row in
                try OperationRun(row).plan.steps.map { String(describing: type(of: $0.operation)) }
            })
        let folder = SharedData.root + "/Sources/Compute/Operations"
        var written: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
            written.formUnion(text.matches(of: /struct (\w+): Operation\b/).map { String($0.1) })
        }
        #expect(written.count >= 15)
        #expect(used == written)
        let file = try Safetensors.read(SharedData.fixture("goldens/operations.safetensors"))
        let goldens = Set(file.names.compactMap { $0.split(separator: "/").first.map(String.init) })
        #expect(Set(OperationCases.all.map(\.name)) == goldens)
    }
}
