import Basics
import Demonstrations
import Policies
import Probes
import Safetensors

/// What the policies answered under one condition, `generated/<condition>.safetensors` (in the other parts of the study
/// `generated/<part>/<condition>.safetensors`): for every policy
/// `<policy>.actions` [observations, samples, T, A] in normalised units and, for lookups, `<policy>.match`
/// [observations, samples, 3]: row of the training windows, similarity, flag (1 out of distribution, -1 no monitor);
/// for every monitor `monitor.<name>` [observations].
struct GeneratedFile {
    let condition: QueryCondition
    let data: StudyData

    private static let monitorPrefix = "monitor."

    static func folder(_ part: StudyPart) -> String { part == .main ? "generated" : "generated/\(part.name)" }
    static func path(_ condition: Condition, _ part: StudyPart = .main) -> String { "\(folder(part))/\(condition).safetensors" }

    func write(
        _ answers: [(policy: PolicyID, predictions: [[Prediction]])], monitors: [MonitorScores], to path: String
    ) throws {
        let rows = Dictionary(
            data.train.enumerated().map { (data.layout.currentFrame(of: $1), $0) }, uniquingKeysWith: { first, _ in first })
        var tensors: [(name: String, tensor: Tensor)] = []
        for (policy, predictions) in answers {
            let shape = [predictions.count, predictions.first?.count ?? 0]
            let all = predictions.joined()
            tensors.append(
                (
                    "\(policy).actions",
                    Tensor(
                        shape: shape + [data.layout.horizon, data.set.actionDimension],
                        values: all.flatMap { data.normalizer.normalizeActions($0.actions) })
                ))
            guard all.contains(where: { $0.match != nil }) else { continue }
            let matches = try all.flatMap { prediction -> [Float] in
                guard let match = prediction.match, let row = rows[match.frame] else {
                    throw Failure(.defect, "a lookup returned a frame without a training window", at: policy.name)
                }
                return [Float(row), Float(match.similarity), prediction.isOutOfDistribution.map { $0 ? 1 : 0 } ?? -1]
            }
            tensors.append(("\(policy).match", Tensor(shape: shape + [3], values: matches)))
        }
        for monitor in monitors {
            tensors.append(
                (Self.monitorPrefix + monitor.monitor, Tensor(shape: [monitor.score.count], values: monitor.score.map(Float.init))))
        }
        try Safetensors.write(tensors, metadata: ["condition": condition.condition.name], to: path)
    }

    /// The monitors' scores, in the file's order.
    func readMonitors(_ path: String) throws -> [MonitorScores] {
        let file = try Safetensors.read(path)
        return try file.names.filter { $0.hasPrefix(Self.monitorPrefix) }.map { name in
            MonitorScores(
                monitor: String(name.dropFirst(Self.monitorPrefix.count)), condition: condition.condition,
                score: try file.tensor(name).values.map(Double.init))
        }
    }

    /// The answers as the probes take them, policies in the file's order.
    /// - Throws: `Failure` when the file cannot be read or holds a policy that is not in the catalogue.
    func read(_ path: String, _ catalogue: Catalogue) throws -> [GeneratedChunks] {
        let file = try Safetensors.read(path)
        let truth = condition.hasTruth ? StudyChunks(data).chunks(at: condition.frames) : nil
        return try file.names.filter { $0.hasSuffix(".actions") }.map { name in
            let policy = String(name.dropLast(".actions".count))
            let actions = try file.tensor(name)
            let samples = actions.shape[1], count = condition.frames.count * samples
            let observation = (0..<count).map { $0 / samples }
            var matches = [RecalledMatch?](repeating: nil, count: count), flags = [Bool?](repeating: nil, count: count)
            if file.names.contains("\(policy).match") {
                let stored = try file.tensor("\(policy).match").values
                for row in 0..<count {
                    flags[row] = stored[3 * row + 2] < 0 ? nil : stored[3 * row + 2] > 0
                    matches[row] = RecalledMatch(
                        trainChunk: Int(stored[3 * row]), similarity: stored[3 * row + 1], flag: flags[row] ?? false)
                }
            }
            let frames = observation.map { condition.frames[$0] }
            return GeneratedChunks(
                policy: try catalogue.policy(named: policy, in: path), condition: condition.condition,
                chunks: StudyChunks(data).chunks(values: actions.values, at: frames), observation: observation,
                sample: (0..<count).map { $0 % samples }, match: matches, outOfDistribution: flags,
                truth: truth?.selecting(observation),
                cluster: observation.map { condition.cluster[$0] }, unit: condition.unit)
        }
    }
}
