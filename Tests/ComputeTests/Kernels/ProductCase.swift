import Compute
import Testing

/// A layer whose kernels are products, with a shape.
struct ProductCase: Sendable, CustomTestStringConvertible {
    enum Kind: Sendable { case convolution, transposed, linear }

    var kind = Kind.convolution
    /// [B, T, I], [B, H, W, I] or [B, I]
    let input: [Int]
    let outputs: Int
    var kernel = 1
    var stride = 1
    var padding = 0
    /// Nil for the packing the layer would choose.
    var packing: Parameter.Packing?

    var testDescription: String {
        "\(kind) \(input) -> \(outputs), kernel \(kernel), stride \(stride), padding \(padding), \(usedPacking)"
    }

    private var inputs: Int { input[input.count - 1] }
    var isWinograd: Bool { usedPacking == .winograd }

    private var weightShape: [Int] {
        let taps = [Int](repeating: kernel, count: input.count - 2)
        return (kind == .transposed ? [inputs, outputs] : [outputs, inputs]) + taps
    }

    private var usedPacking: Parameter.Packing {
        if let packing { return packing }
        switch kind {
        case .transposed: return .transposedProducts
        case .linear: return .products
        case .convolution: return ConvolutionOperation.packing(of: weightShape, stride: stride, padding: padding)
        }
    }

    /// Multiplications of the forward product.
    var multiplications: Int {
        input.dropLast().reduce(1, *) * weightShape.reduce(1, *) / (kind == .transposed ? 1 : stride)
    }

    func run() -> PlanRun {
        let graph = Graph(), store = ParameterStore()
        let x = graph.input(Shape(input), needsGradient: true)
        let weight = store.add("weight", weightShape, .constant(0), packing: usedPacking)
        let bias = store.add("bias", [outputs], .constant(0))
        let output =
            switch kind {
            case .convolution:
                graph.apply(ConvolutionOperation(weight: weight, bias: bias, stride: stride, padding: padding), x)
            case .transposed:
                graph.apply(ConvTransposed1dOperation(weight: weight, bias: bias, stride: stride, padding: padding), x)
            case .linear: graph.apply(LinearOperation(weight: weight, bias: bias), x)
            }
        return PlanRun(plan: graph.plan(), inputs: [x], output: output, store: store)
    }

    /// What `ConvolutionReference` computes, with a linear layer as a kernel of one tap and a transposed convolution as
    /// the adjoint.
    func expected(_ x: [Float], _ parameters: [Float], upstream: [Float], output shape: Shape) -> PlanRun.Result {
        let count = weightShape.reduce(1, *)
        let weight = Array(parameters[..<count]), bias = Array(parameters[count...])
        var biasGradient = [Double](repeating: 0, count: outputs)
        for (index, value) in upstream.enumerated() { biasGradient[index % outputs] += Double(value) }
        func result(_ output: [Float], _ inputGradient: [Float], _ weightGradient: [Float]) -> PlanRun.Result {
            .init(
                output: output, inputGradients: [inputGradient],
                parameterGradients: weightGradient + biasGradient.map(Float.init))
        }
        if kind == .transposed {
            let reference = ConvolutionReference(input: shape, weight: weightShape, stride: stride, padding: padding)
            let plain = reference.inputGradient(outputGradient: x, weight: weight)
            return result(
                plain.enumerated().map { $1 + bias[$0 % outputs] }, reference.output(input: upstream, weight: weight),
                reference.weightGradient(input: upstream, outputGradient: x))
        }
        let reference =
            kind == .linear
            ? ConvolutionReference(input: [input[0], 1, inputs], weight: weightShape + [1], stride: 1, padding: 0)
            : ConvolutionReference(input: Shape(input), weight: weightShape, stride: stride, padding: padding)
        return result(
            reference.output(input: x, weight: weight, bias: bias),
            reference.inputGradient(outputGradient: upstream, weight: weight),
            reference.weightGradient(input: x, outputGradient: upstream))
    }
}
