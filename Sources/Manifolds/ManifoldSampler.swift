import Basics
import Networks

/// From pure noise to points of the plane under one protocol's sampler.
struct ManifoldSampler {
    let kind: ManifoldProtocol
    let schedule: NoiseSchedule
    /// The predicted noise at points [n, 2], step t. [n, 2]
    let noise: (_ noisy: [Float], _ step: Int) -> [Float]

    /// Points, and the way of the first ones from noise to their place.
    struct Samples {
        var points: [Float]  // [count, 2]
        var flowLines: [Float]  // [lines, T + 1, 2]
    }

    /// - Parameter check: called before every step
    func sample(_ count: Int, flowLines: Int, seed: Seed, check: () throws -> Void) rethrows -> Samples {
        func draw(_ step: Int) -> [Float] {
            var source = RandomSource(seed / step)
            return (0..<2 * count).map { _ in Float(source.normal()) }
        }
        let posterior = DiffusionSampler(.ddpm, schedule: schedule, steps: schedule.steps, clipsPrediction: false)
        let lines = min(flowLines, count)
        var points = draw(schedule.steps)
        var path = [points.prefix(2 * lines)]
        for step in (0..<schedule.steps).reversed() {
            try check()
            let predicted = noise(points, step)
            let fresh = step > 0 ? draw(step) : []
            switch kind {
            case .authors:
                let root = Float(schedule.alphaBar(step).squareRoot())
                let deviation = Float((1 - schedule.alphaBar(step)).squareRoot())
                for i in points.indices {
                    let clean = (points[i] - deviation * predicted[i]) / root
                    points[i] = step > 0 ? schedule.noised(clean, noise: fresh[i], step: step - 1) : clean
                }
            case .corrected:
                points.withUnsafeMutableBufferPointer { x in
                    predicted.withUnsafeBufferPointer { epsilon in
                        fresh.withUnsafeBufferPointer { noise in
                            posterior.step(schedule.steps - 1 - step, x, epsilon: epsilon, noise: noise)
                        }
                    }
                }
            }
            path.append(points.prefix(2 * lines))
        }
        let flow = (0..<lines).flatMap { line in path.flatMap { [$0[2 * line], $0[2 * line + 1]] } }
        return Samples(points: points, flowLines: flow)
    }
}
