import Basics
import Demonstrations
import Foundation
import Policies
import Probes
import Runs
import Safetensors
import Store

/// What one policy answered to the observations of one condition, an entry of the store: `actions` [observations, samples,
/// T, A] in normalised units and, for lookups, `match` [observations, samples, 3]: row of the training windows, similarity,
/// flag (1 out of distribution, -1 no monitor).
struct PolicyAnswers {
    let entry: CatalogueEntry
    let condition: QueryCondition
    let maker: PolicyMaker

    static let kind = Identity.Kind("answers", code: ArithmeticCode.answers)
    private static let file = "answers.safetensors"

    private var study: Study { maker.study }
    private var settings: Settings { study.settings }
    /// Sequences drawn from a policy that draws.
    var samples: Int { condition.samples ?? settings.probes.samples }
    /// Twins draw the same noise: the part is not in the seed.
    private var seed: Seed { settings.root / "query" / entry.id / condition.condition }

    /// One for each observation.
    var seeds: [Seed] { condition.frames.indices.map { seed / (condition.sharesDraws ? condition.cluster[$0] : $0) } }

    /// What decides the answers: the policy, the demonstrations, and the observations by content.
    func identity() throws -> Identity {
        var fingerprint = Fingerprint()
        try maker.add(entry, to: &fingerprint)
        fingerprint.add("observations", text: try study.contentHash(condition, entry.view, maker))
        fingerprint.add("samples", text: "\(samples)")
        if condition.sharesDraws { fingerprint.add("draws", text: "shared by \(condition.cluster)") }
        fingerprint.add("seed", text: "\(seed.value)")
        return Identity(Self.kind, fingerprint)
    }

    /// From the store; else asked now.
    /// - Parameter policy: makes the policy, which is needed only where something is not in the store.
    func obtain(_ policy: () throws -> any Policy) throws -> SafetensorsFile {
        let title = "\(maker.part.name), \(condition.condition), \(entry.id)"
        let found = try maker.run.obtain(identity(), title) { folder, _ in
            let policy = try policy()
            let observations = try study.observations(condition, entry.view, maker.part, maker.run)
            // A number of samples of the condition's own asks a lookup for its best rows as well.
            let isSampled = policy.isStochastic || condition.samples != nil
            let wanted = isSampled ? samples : 1
            let predictions = try pieces(wanted).map {
                try AnswersInParts(folder: folder, run: maker.run, piece: $0).predictions(policy, observations, samples: wanted, seeds: seeds, title: title)
            } ?? policy.predict(observations, samples: wanted, seeds: seeds)
            try Safetensors.write(
                try tensors(predictions), metadata: ["policy": entry.id.name, "condition": condition.condition.name],
                to: "\(folder)/\(Self.file)")
            return [Self.file]
        }
        return try Safetensors.decode(try found.data(Self.file), from: "\(found.path)/\(Self.file)")
    }

    /// Observations that an audited policy is asked about at once: as many sequences as a network that may be large takes at once, one question of a server;
    /// nil for a policy that answers all at once.
    private func pieces(_ samples: Int) -> Int? {
        guard let form = settings.audit?.form, [.subject, .sampler, .checkpoint].contains(entry.id.role) else { return nil }
        return form.sequencesAtOnce.map { max(1, $0 / samples) }
    }

    private func tensors(_ predictions: [[Prediction]]) throws -> [(name: String, tensor: Tensor)] {
        let data = try maker.data()
        let shape = [predictions.count, predictions.first?.count ?? 0], all = predictions.joined()
        let actions = Tensor(
            shape: shape + [data.layout.horizon, data.set.actionDimension],
            values: all.flatMap { data.normalizer.normalizeActions($0.actions) })
        guard all.contains(where: { $0.match != nil }) else { return [("actions", actions)] }
        let rows = Dictionary(
            data.train.enumerated().map { (data.layout.currentFrame(of: $1), $0) }, uniquingKeysWith: { first, _ in first })
        let matches = try all.flatMap { prediction -> [Float] in
            guard let match = prediction.match, let row = rows[match.frame] else {
                throw Failure(.defect, "a lookup returned a frame without a training window", at: entry.id.name)
            }
            return [Float(row), Float(match.similarity), prediction.isOutOfDistribution.map { $0 ? 1 : 0 } ?? -1]
        }
        return [("actions", actions), ("match", Tensor(shape: shape + [3], values: matches))]
    }
}

extension Study {
    /// SHA-256 of what a condition's observations are made of: pixels, low-dim values and the frames they come from.
    func contentHash(_ condition: QueryCondition, _ view: ObservationView, _ maker: PolicyMaker) throws -> String {
        let key = "\(maker.part.name) \(condition.condition) \(view)"
        if let hash = conditionHashes.withLock({ $0[key] }) { return hash }
        let hash = ObservationHash.of(try observations(condition, view, maker.part, maker.run))
        conditionHashes.withLock { $0[key] = hash }
        return hash
    }
}

enum ObservationHash {
    static func of(_ observations: [Observation]) -> String {
        var hash = ContentHash()
        func add(_ values: [Int]) { hash.add(values) }
        for observation in observations {
            add([observation.images.count, observation.lowDim.count, observation.source?.demonstration ?? -1, observation.source?.frame ?? -1])
            for image in observation.images.joined() {
                add([image.width, image.height])
                hash.add(image.pixels)
            }
            if let episode = observation.episode { hash.add(episode.state.map(Float.init)) }
            for values in observation.lowDim {
                add([values.count])
                hash.add(values)
            }
        }
        return hash.text
    }
}
