import Basics
import Foundation
import Testing

@testable import Probes

/// Answers of known policies to made-up observations, over the demonstrations of `SyntheticStudy`.
struct DesignedStudy {
    let study = SyntheticStudy()
    static let frame = 8

    /// Hard nearest demonstration, kernel mean with this width, or the truth at a latent point.
    enum Kind { case nearest, kernel(Double), truth }

    func answer(_ kind: Kind, _ point: [Double]) -> [Float] {
        func sequence(_ demonstration: Int) -> [Double] { SyntheticStudy.sequence(study.latent[demonstration], Self.frame) }
        let squared = (0..<16).map { index in
            zip(study.latent[index], point).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        switch kind {
        case .truth: return SyntheticStudy.sequence(point, Self.frame).map(Float.init)
        case .nearest:
            let nearest = squared.indices.min { squared[$0] < squared[$1] } ?? 0
            return sequence(nearest).map(Float.init)
        case .kernel(let width):
            let least = squared.min() ?? 0
            let weights = squared.map { exp2(-($0 - least) / (width * width)) }, total = weights.reduce(0, +)
            var mean = [Double](repeating: 0, count: sequence(0).count)
            for (index, weight) in weights.enumerated() {
                for (i, value) in sequence(index).enumerated() { mean[i] += weight / total * value }
            }
            return mean.map(Float.init)
        }
    }

    /// One answer for each observation, groups of `perGroup`.
    func answers(
        _ policy: PolicyID, _ design: Design, _ values: [[Float]], perGroup: Int, demonstrations: [Int], coordinate: [Double] = [],
        other: [Int] = [], ways: [Int: String] = [:], samples: Int = 1
    ) -> DesignedAnswers {
        let observations = values.indices.map { $0 / samples }
        let chunks = Chunks(
            horizon: SyntheticStudy.horizon, actionDimension: SyntheticStudy.actions, values: values.flatMap { $0 },
            demonstration: observations.map { demonstrations[$0] }, frame: values.map { _ in Self.frame })
        return DesignedAnswers(
            design: design,
            generated: GeneratedChunks(
                policy: policy, condition: design.condition, chunks: chunks, observation: observations,
                sample: values.indices.map { $0 % samples }, cluster: observations.map { $0 / perGroup }, unit: "scene"),
            coordinate: coordinate.isEmpty ? demonstrations.map { _ in 0 } : coordinate,
            other: other.isEmpty ? demonstrations : other, ways: ways)
    }

    func run(_ probe: any Probe, _ answers: [DesignedAnswers]) throws -> ProbeResult {
        var measurements = Measurements()
        measurements[DesignedAnswers.self] = answers
        return try probe.run(study.context(measurements))
    }
}

extension SyntheticStudy {
    func context(_ measurements: Measurements) throws -> ProbeContext { try context([], features: false, measurements) }
}
