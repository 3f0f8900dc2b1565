import Foundation
import TestSupport
import Testing

@testable import Compute

@Suite struct GroupNormTests {
    struct Size: Sendable, CustomTestStringConvertible {
        let channels, groups, positions: Int
        var batch: Int { positions > 100 ? 1 : 3 }
        var testDescription: String { "[\(batch), \(positions), \(channels)] in \(groups) groups" }

        static let all: [Size] = [1, 3, 4, 25, 1444].flatMap { positions in
            [6, 16, 20, 64, 256].flatMap { channels in
                [1, 2, 8].filter { channels % $0 == 0 && channels * positions < 100_000 }.map {
                    Size(channels: channels, groups: $0, positions: positions)
                }
            }
        } + [Size(channels: 256, groups: 8, positions: 1444)]
    }

    /// A sum of n numbers in four interleaved chains is off by about sqrt(n / 4) u of its magnitudes (Higham and Mary
    /// 2019), u = 2⁻²⁴; mean, variance, sums of the gradients and the final formula each add a few of those. Inputs are
    /// ±1 and noise around 1, so that the variance is about 1 and the rounding of x relative to x̂ is not blown up.
    @Test(arguments: Size.all)
    func `output and gradients are the definition's, with each activation`(_ size: Size) {
        let shape: Shape = [size.batch, size.positions, size.channels], name = size.testDescription
        let chain = Float(size.positions / 4 + size.channels / size.groups + 16)
        let tolerance = 8 * 0x1p-24 * chain.squareRoot()
        let x = RandomValues.normal(shape.count, name).enumerated().map { index, noise in
            1 + 0.5 * noise + ((index + index / size.channels).isMultiple(of: 2) ? 1 : -1)
        }
        let parameters = RandomValues.normal(2 * size.channels, name + " parameters")
        let weight = Array(parameters[..<size.channels]), bias = Array(parameters[size.channels...])
        let reference = GroupNormReference(input: shape, groupCount: size.groups)
        let plain = reference.output(input: x, weight: weight, bias: bias)
        for activation in [GroupNormOperation.Activation.none, .relu, .mish] {
            // The derivative of ReLU is not that of the definition where rounding decides on which side of 0 we are.
            let upstream = zip(RandomValues.normal(shape.count, name + " upstream"), plain).map { abs($1) < 1e-4 ? 0 : $0 }
            let before = zip(upstream, plain).map { $0 * Self.derivative(activation, $1) }
            let expected = reference.gradients(input: x, weight: weight, outputGradient: before)
            let run = Self.run(shape, size.groups, activation)
            let actual = run.result([x], run.weights(parameters), upstream: upstream)
            #expect(Self.difference(actual.output, plain.map { Self.apply(activation, $0) }, 3) <= tolerance, "\(activation)")
            // Where a group is small the gradient cancels; its size is that of γ g.
            let magnitude = zip(before.enumerated(), before).reduce(Float(0)) {
                max($0, abs($1.1 * weight[$1.0.offset % size.channels]))
            }
            #expect(
                Self.difference(actual.inputGradients[0], expected.input, magnitude) <= 2 * tolerance, "\(activation)")
            let rows = Float(shape.rows).squareRoot() * 3
            let weights = Array(actual.parameterGradients[..<size.channels])
            let biases = Array(actual.parameterGradients[size.channels...])
            #expect(Self.difference(weights, expected.weight, rows) <= tolerance, "\(activation)")
            #expect(Self.difference(biases, expected.bias, rows) <= tolerance, "\(activation)")
        }
    }

    private static func run(_ shape: Shape, _ groups: Int, _ activation: GroupNormOperation.Activation) -> PlanRun {
        let graph = Graph(), store = ParameterStore(), x = graph.input(shape, needsGradient: true)
        let weight = store.add("weight", [shape.last], .constant(1)), bias = store.add("bias", [shape.last], .constant(0))
        let operation = GroupNormOperation(weight: weight, bias: bias, groupCount: groups, activation: activation)
        let output = graph.apply(operation, x)
        return PlanRun(plan: graph.plan(), inputs: [x], output: output, store: store)
    }

    private static func apply(_ activation: GroupNormOperation.Activation, _ x: Float) -> Float {
        switch activation {
        case .none: x
        case .relu: max(0, x)
        case .mish: Float(Double(x) * tanh(log1p(exp(Double(x)))))
        }
    }

    private static func derivative(_ activation: GroupNormOperation.Activation, _ x: Float) -> Float {
        switch activation {
        case .none: return 1
        case .relu: return x > 0 ? 1 : 0
        case .mish:
            let x = Double(x), hyperbolic = tanh(log1p(exp(x)))
            return Float(hyperbolic + x * (1 - hyperbolic * hyperbolic) / (1 + exp(-x)))
        }
    }

    /// The largest difference over the magnitude the numbers have.
    private static func difference(_ actual: [Float], _ expected: [Float], _ magnitude: Float) -> Float {
        Difference.absolute(actual, expected) / magnitude
    }
}
