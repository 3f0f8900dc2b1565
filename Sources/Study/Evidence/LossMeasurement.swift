import Basics
import Demonstrations
import Networks
import Policies
import Probes

/// The denoising loss of the policy under study, at its end and at every kept checkpoint, where the true sequence is known: at
/// training and at held-out observations.
struct LossMeasurement {
    private let maker: PolicyMaker
    /// Noise levels, one from the middle of each equal part of the schedule, since training draws all alike.
    private static let levels = 10

    init(_ maker: PolicyMaker) { self.maker = maker }

    func all(_ conditions: [QueryCondition]) throws -> [DenoisingLoss] {
        let entries = maker.study.catalogue.entries.filter { [.subject, .checkpoint].contains($0.id.role) }
        let known = conditions.filter(\.hasTruth), run = maker.run
        let meter = run.progress.start("denoising loss", total: entries.count * known.count)
        defer { meter.finish() }
        return try entries.enumerated().flatMap { number, entry -> [DenoisingLoss] in
            guard let network = try entry.make(maker) as? DiffusionPolicy else { return [] }
            return try known.enumerated().map { index, condition in
                try run.interruption.check()
                defer { meter.update(number * known.count + index + 1, detail: "\(entry.id), \(condition.condition)") }
                return DenoisingLoss(
                    policy: entry.id, condition: condition.condition, loss: try losses(of: network, condition), cluster: condition.cluster)
            }
        }
    }

    /// By observation. The noise is the same for all checkpoints.
    private func losses(of network: DiffusionPolicy, _ condition: QueryCondition) throws -> [Double] {
        let process = try maker.subjectProcess(), truth = StudyChunks(try maker.data()).chunks(at: condition.frames)
        let seed = maker.study.settings.root / "loss" / condition.condition, width = truth.width
        let steps = (0..<Self.levels).map { (2 * $0 + 1) * process.levels / (2 * Self.levels) }
        var noisy: [Float] = [], target: [Float] = []
        for row in 0..<truth.count {
            for (number, step) in steps.enumerated() {
                var source = RandomSource(seed / row / number)
                for clean in truth.values[row * width..<(row + 1) * width] {
                    let noise = Float(source.normal())
                    noisy.append(process.noised(clean, noise: noise, at: step))
                    target.append(process.target(clean: clean, noise: noise, at: step))
                }
            }
        }
        let answers = network.evaluate(
            noisy: noisy, timesteps: (0..<truth.count).flatMap { _ in steps }, conditions: network.encode(condition.observations),
            rows: (0..<truth.count).flatMap { [Int](repeating: $0, count: steps.count) })
        let perRow = width * steps.count
        return (0..<truth.count).map { row in
            (row * perRow..<(row + 1) * perRow).reduce(0.0) { sum, place in
                let error = Double(answers[place] - target[place])
                return sum + error * error
            } / Double(perRow)
        }
    }
}
