import Basics
import Demonstrations
import Foundation
import Policies
import Probes
import Safetensors

/// What the policies answered under one condition, `generated/<condition>.safetensors` (in the other parts of the study
/// `generated/<part>/<condition>.safetensors`): for every policy its `PolicyAnswers` as `<policy>.actions` and
/// `<policy>.match`, for every monitor `monitor.<name>` [observations].
struct GeneratedFile {
    let condition: QueryCondition
    let data: StudyData

    private static let monitorPrefix = "monitor."
    private static let actionsSuffix = ".actions"

    /// - Parameter above: the folder of all parts.
    static func folder(_ part: StudyPart, below above: String = "generated") -> String {
        [above, part == .main ? "" : part.name].filter { !$0.isEmpty }.joined(separator: "/")
    }

    static func path(_ condition: Condition, _ part: StudyPart = .main, below above: String = "generated") -> String {
        [folder(part, below: above), "\(condition).safetensors"].filter { !$0.isEmpty }.joined(separator: "/")
    }

    func write(_ answers: [(policy: PolicyID, file: SafetensorsFile)], monitors: [MonitorScores], to path: String) throws {
        let tensors = try answers.flatMap { policy, file in try file.names.map { ("\(policy).\($0)", try file.tensor($0)) } }
        let scores = monitors.map {
            (Self.monitorPrefix + $0.monitor, Tensor(shape: [$0.score.count], values: $0.score.map(Float.init)))
        }
        try Safetensors.write(tensors + scores, metadata: ["condition": condition.condition.name], to: path)
    }

    /// The monitors' scores, in the file's order.
    /// - Parameter path: of the file that the content was read from, for messages.
    func readMonitors(_ content: Data, from path: String) throws -> [MonitorScores] {
        let file = try Safetensors.decode(content, from: path)
        return try file.names.filter { $0.hasPrefix(Self.monitorPrefix) }.map { name in
            MonitorScores(
                monitor: String(name.dropFirst(Self.monitorPrefix.count)), condition: condition.condition,
                score: try file.tensor(name, shape: [condition.frames.count]).values.map(Double.init))
        }
    }

    /// The answers as the probes take them, policies in the file's order.
    /// - Throws: `Failure` when the content is not of this condition or holds a policy that is not in the catalogue.
    func read(_ content: Data, from path: String, _ catalogue: Catalogue) throws -> [GeneratedChunks] {
        let file = try Safetensors.decode(content, from: path)
        return try file.names.filter { $0.hasSuffix(Self.actionsSuffix) }.map { name in
            let policy = String(name.dropLast(Self.actionsSuffix.count))
            return try chunks(of: catalogue.policy(named: policy, in: path), in: file, prefix: policy + ".")
        }
    }

    /// The answers of one policy.
    /// - Parameter prefix: of its tensors' names.
    func chunks(of policy: PolicyID, in file: SafetensorsFile, prefix: String) throws -> GeneratedChunks {
        let (actionsName, matchName) = (prefix + "actions", prefix + "match")
        let truth = condition.hasTruth ? StudyChunks(data).chunks(at: condition.frames) : nil
        let found = try file.tensor(actionsName).shape, samples = found.count > 1 ? found[1] : 0
        let actions = try file.tensor(
            actionsName, shape: [condition.frames.count, samples, data.layout.horizon, data.set.actionDimension])
        let count = condition.frames.count * samples
        let observation = (0..<count).map { $0 / samples }
        var matches = [RecalledMatch?](repeating: nil, count: count), flags = [Bool?](repeating: nil, count: count)
        if file.names.contains(matchName) {
            let stored = try file.finite(matchName, shape: [condition.frames.count, samples, 3])
            for row in 0..<count {
                flags[row] = stored[3 * row + 2] < 0 ? nil : stored[3 * row + 2] > 0
                matches[row] = RecalledMatch(
                    trainChunk: Int(stored[3 * row]), similarity: stored[3 * row + 1], flag: flags[row] ?? false)
            }
        }
        let frames = observation.map { condition.frames[$0] }
        return GeneratedChunks(
            policy: policy, condition: condition.condition, chunks: StudyChunks(data).chunks(values: actions.values, at: frames),
            observation: observation, sample: (0..<count).map { $0 % samples }, match: matches, outOfDistribution: flags,
            truth: truth?.selecting(observation), cluster: observation.map { condition.cluster[$0] }, unit: condition.unit)
    }
}
