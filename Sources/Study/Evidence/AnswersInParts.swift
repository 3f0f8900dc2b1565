import Basics
import Demonstrations
import Foundation
import Policies
import Runs
import Safetensors

/// Asks an audited policy piece by piece, since one that runs elsewhere or is large takes minutes for a condition: after a stop it goes
/// on where it was. Answers do not depend on the pieces.
struct AnswersInParts {
    /// Of the entry that is being made.
    let folder: String
    let run: RunContext
    /// Observations asked at once.
    let piece: Int
    private static let file = "answers.part.safetensors"
    /// Seconds between two times that the answers so far are written.
    private static let writeEvery = 5.0

    private var path: String { "\(folder)/\(Self.file)" }

    /// - Returns: as `Policy.predict`
    /// - Throws: `Failure` of the policy, of the disk, or of a stop; what was answered before it is kept.
    func predictions(
        _ policy: any Policy, _ observations: [Observation], samples: Int, seeds: [Seed], title: String
    ) throws -> [[Prediction]] {
        var answers = try kept(samples: samples, most: observations.count)
        let meter = run.progress.start(title, total: observations.count, from: answers.count)
        defer { meter.finish() }
        var written = Date()
        do {
            while answers.count < observations.count {
                try run.interruption.check()
                let next = answers.count..<min(answers.count + piece, observations.count)
                answers += try policy.predict(Array(observations[next]), samples: samples, seeds: Array(seeds[next]))
                meter.update(answers.count)
                if -written.timeIntervalSinceNow > Self.writeEvery {
                    try write(answers)
                    written = Date()
                }
            }
        } catch {
            try write(answers)
            throw error
        }
        if FileSystem.exists(path) { try FileSystem.remove(path) }
        return answers
    }

    /// What an earlier attempt was answered; nothing where it was asked otherwise, or what it left is damaged.
    private func kept(samples: Int, most: Int) throws -> [[Prediction]] {
        guard FileSystem.exists(path) else { return [] }
        do {
            let file = try Safetensors.read(path), shape = try file.tensor("actions").shape
            guard shape.count == 3, shape[1] == samples, shape[0] <= most else { return [] }
            let actions = try file.finite("actions", shape: shape), width = shape[2]
            return (0..<shape[0]).map { row in
                (0..<samples).map { sample in
                    let start = (row * samples + sample) * width
                    return Prediction(actions: Array(actions[start..<start + width]))
                }
            }
        } catch let failure as Failure where failure.kind == .data {
            run.log.warning("\(path) is damaged; the observations are asked about again")
            return []
        }
    }

    private func write(_ answers: [[Prediction]]) throws {
        guard let first = answers.first?.first else { return }
        let shape = [answers.count, answers[0].count, first.actions.count]
        try Safetensors.write([("actions", Tensor(shape: shape, values: answers.joined().flatMap(\.actions)))], metadata: [:], to: path)
    }
}
