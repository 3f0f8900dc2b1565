import Basics
import Foundation
import Networks
import Testing

@testable import Probes

@Suite struct CurveDenoiserTests {
    /// Σ w_i x_i over every point, without any shortcut.
    private func plain(_ x: SIMD2<Double>, _ points: [Float], alphaBar: Double) -> SIMD2<Double> {
        let root = alphaBar.squareRoot(), variance = (1 - alphaBar) / alphaBar, q = x / root
        let all = stride(from: 0, to: points.count, by: 2).map { SIMD2(Double(points[$0]), Double(points[$0 + 1])) }
        let squared = all.map { (($0 - q) * ($0 - q)).sum() }, least = squared.min() ?? 0
        let weights = squared.map { exp((least - $0) / (2 * variance)) }
        let mean = zip(all, weights).reduce(SIMD2<Double>.zero) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
        return (x - root * mean) / (1 - alphaBar).squareRoot()
    }

    @Test(arguments: [20, 777, 5000])
    func `the closed form agrees with the sum over every point`(count: Int) {
        let points = ManifoldShape.heart.curve.draw(count, seed: Seed(1))
        let denoiser = CurveDenoiser(points: points)
        var source = RandomSource(Seed(2))
        for alphaBar in [0.9999, 0.99, 0.9, 0.5, 0.1, 0.001] {
            for _ in 0..<10 {
                let x: [Float] = [Float(source.normal()), Float(source.normal())]
                let noise = denoiser.noise(at: x, alphaBar: alphaBar)
                let expected = plain([Double(x[0]), Double(x[1])], points, alphaBar: alphaBar)
                #expect(abs(Double(noise[0]) - expected.x) < 1e-3 * max(1, abs(expected.x)))
                #expect(abs(Double(noise[1]) - expected.y) < 1e-3 * max(1, abs(expected.y)))
            }
        }
    }

    @Test func `sampled with the posterior it hands training points back, all of them, at any number`() {
        for count in [20, 2000] {
            let points = ManifoldShape.star.curve.draw(count, seed: Seed(3))
            let denoiser = CurveDenoiser(points: points), schedule = ManifoldProtocol.corrected.schedule
            let sampler = ManifoldSampler(process: ManifoldProtocol.corrected.process) {
                denoiser.noise(at: $0, alphaBar: schedule.alphaBar($1))
            }
            let samples = sampler.sample(300, flowLines: 2, seed: Seed(4)) {}
            var recalled = Set<Int>()
            var close = 0
            for row in 0..<300 {
                let squared = (0..<count).map {
                    hypot(points[2 * $0] - samples.points[2 * row], points[2 * $0 + 1] - samples.points[2 * row + 1])
                }
                if (squared.min() ?? 1) < 1e-4 { close += 1 }
                recalled.formUnion(squared.indices.filter { squared[$0] == squared.min() })
            }
            #expect(close >= 297)
            #expect(recalled.count > (count == 20 ? 19 : 200))
            #expect(samples.flowLines.count == 2 * 101 * 2)
            #expect(Array(samples.flowLines[200..<202]) == Array(samples.points[0..<2]))
        }
    }

    @Test func `the two protocols end at the noise they are known for`() {
        #expect(abs(ManifoldProtocol.authors.schedule.alphaBar(99) - 0.364) < 5e-4)
        let corrected = ManifoldProtocol.corrected.schedule
        #expect(corrected.alphaBar(99) < 1e-3)
        #expect(abs((1 - corrected.alphaBar(0)).squareRoot() - 1e-6) < 1e-9)
        #expect(corrected.betas.allSatisfy { $0 > 0 && $0 < 1 })
    }
}
