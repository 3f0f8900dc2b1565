import Basics
import Compute
import Testing

@Suite struct AdamWTests {
    @Test func `twenty steps follow the published formulas computed in double`() {
        let configuration = AdamW.Configuration(learningRate: 1e-2, beta1: 0.95, beta2: 0.999, weightDecay: 0.1)
        let optimizer = AdamW(configuration, count: 3)
        let pool = WorkerPool(workers: 1)
        let parameters = FloatBuffer([0.5, -2, 1])
        var p = [0.5, -2.0, 1.0]
        var m = [0.0, 0, 0]
        var v = [0.0, 0, 0]
        var source = RandomSource(Seed(1))
        for step in 1...20 {
            let gradients = (0..<3).map { Float(source.normal() * [1, 100, 1e-4][$0]) }
            let factor: Float = step == 1 ? 0 : 0.5
            optimizer.step(parameters: parameters, gradients: FloatBuffer(gradients), factor: factor, pool: pool)
            let rate = 1e-2 * Double(factor)
            for i in 0..<3 {
                let g = Double(gradients[i])
                m[i] = 0.95 * m[i] + 0.05 * g
                v[i] = 0.999 * v[i] + 0.001 * g * g
                let first = m[i] / (1 - power(0.95, step))
                let second = v[i] / (1 - power(0.999, step))
                p[i] = p[i] - rate * 0.1 * p[i] - rate * first / (second.squareRoot() + 1e-8)
                #expect(abs(Double(parameters.array[i]) - p[i]) < 2e-6, "step \(step), parameter \(i)")
            }
        }
        #expect(optimizer.stepCount == 20)
    }

    /// One step from moments that are there, in double from the same float32 numbers: each result is a few roundings away.
    /// 65,536 parameters are a lane.
    @Test(arguments: [1, 15, 16, 17, 33, 65_536 + 5])
    func `a step on any number of parameters is that of a plain loop to a few roundings`(_ count: Int) {
        let configuration = AdamW.Configuration(learningRate: 1e-2, beta1: 0.95, beta2: 0.999, weightDecay: 0.1)
        let optimizer = AdamW(configuration, count: count), pool = WorkerPool(workers: 2)
        let parameters = FloatBuffer(RandomValues.normal(count, "parameters"))
        for step in 1...3 {
            let gradients = RandomValues.normal(count, "gradients \(step)")
            let before = (parameters.array, optimizer.firstMoment.array, optimizer.secondMoment.array)
            optimizer.step(parameters: parameters, gradients: FloatBuffer(gradients), factor: 0.5, pool: pool)
            let after = (parameters.array, optimizer.firstMoment.array, optimizer.secondMoment.array)
            let beta1 = Double(configuration.beta1), beta2 = Double(configuration.beta2)
            let rate = Double(configuration.learningRate) * 0.5, decay = 1 - rate * Double(configuration.weightDecay)
            var first = 0.0, second = 0.0, parameter = 0.0
            for i in 0..<count {
                let g = Double(gradients[i])
                let m = beta1 * Double(before.1[i]) + (1 - beta1) * g, v = beta2 * Double(before.2[i]) + (1 - beta2) * g * g
                let change = rate * (m / (1 - power(beta1, step))) / ((v / (1 - power(beta2, step))).squareRoot() + 1e-8)
                let p = Double(before.0[i]) * decay - change
                first = max(first, abs(Double(after.1[i]) - m) / max(abs(Double(before.1[i])), abs(g)))
                second = max(second, abs(Double(after.2[i]) - v) / v)
                parameter = max(parameter, abs(Double(after.0[i]) - p) / max(abs(Double(before.0[i])), rate))
            }
            // Roundings each number takes, of at most 2⁻²⁴; a parameter has those of both moments, of two constants and of
            // seven operations.
            #expect(first <= 3 * 0x1p-24, "step \(step)")
            #expect(second <= 5 * 0x1p-24, "step \(step)")
            #expect(parameter <= 12 * 0x1p-24, "step \(step)")
        }
    }

    @Test func `one and two workers give the same bits`() {
        func run(workers: Int) -> [Float] {
            var source = RandomSource(Seed(2))
            let parameters = FloatBuffer((0..<200_000).map { _ in Float(source.normal()) })
            let gradients = FloatBuffer((0..<200_000).map { _ in Float(source.normal()) })
            let optimizer = AdamW(.init(weightDecay: 0.01), count: parameters.count)
            let pool = WorkerPool(workers: workers)
            let ema = EMA(parameters: parameters, power: 0.75, maximum: 0.9999)
            for _ in 0..<3 {
                optimizer.step(parameters: parameters, gradients: gradients, factor: 1, pool: pool)
                ema.update(parameters: parameters, pool: pool)
            }
            return parameters.array + ema.average.array
        }
        #expect(run(workers: 1) == run(workers: 2))
    }

    private func power(_ base: Double, _ exponent: Int) -> Double { (0..<exponent).reduce(1) { value, _ in value * base } }
}
