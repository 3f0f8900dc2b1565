import Basics
import Networks

/// From pure noise to points of the plane.
struct ManifoldSampler {
    let process: any GenerativeProcess
    /// The network's answer at points [n, 2], step t. [n, 2]
    let answer: (_ noisy: [Float], _ step: Int) -> [Float]

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
        let lines = min(flowLines, count), steps = process.timesteps
        var points = draw(process.levels)
        var path: [[Float]] = []
        try process.reverse(&points, noise: { draw(steps[$0]) }) { points, index in
            try check()
            path.append(Array(points.prefix(2 * lines)))
            return answer(points, steps[index])
        }
        path.append(Array(points.prefix(2 * lines)))
        let flow = (0..<lines).flatMap { line in path.flatMap { [$0[2 * line], $0[2 * line + 1]] } }
        return Samples(points: points, flowLines: flow)
    }
}
