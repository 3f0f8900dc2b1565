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
