import Basics

/// What a policy elsewhere answered to the questions of a `QuestionFile`: `/answers/<policy>`, numbers [questions, samples, horizon,
/// action] in the raw units of the demonstrations' actions. The first of the horizon is the action of the first observed step.
public struct AnswerFile: Sendable {
    public let policy: String
    /// Drawn for each question; 1 for a policy that does not draw.
    public let samples: Int
    public let horizon: Int
    public let actionDimension: Int
    /// [questions][samples][horizon, action]
    public let sequences: [[[Float]]]

    private static let group = "answers"

    /// - Parameters:
    ///   - policy: which of the file's; nil where it holds one
    ///   - questions: as many as there must be
    /// - Throws: `Failure`: `inputMissing` when there is no such file, `data` when it holds no answers, several policies' and none is
    ///   named, answers of another shape, or what is no number.
    public static func read(_ path: String, policy: String? = nil, questions: Int, _ head: QuestionFile.Head) throws -> AnswerFile {
        let root = try HDF5File(reading: path).root()
        let expected = "[\(questions), samples, \(head.horizon), \(head.actionDimension)], samples 1 or at least \(head.samples)"
        let remedy = "write /answers/<policy> as float32 \(expected)"
        let names = try root.group(group)?.names().sorted(by: NaturalOrder.precedes) ?? []
        guard !names.isEmpty else {
            throw Failure(
                .data, "the file has no answers", at: path, expected: "/answers/<policy>",
                found: "top-level names: \(RobomimicLayout.list(try root.names()))", remedy: remedy)
        }
        guard names.count == 1 || policy != nil else {
            throw Failure(
                .data, "the file has the answers of several policies", at: "\(path):/answers", expected: "one of them to be named",
                found: RobomimicLayout.list(names), remedy: "say which: audit.name=\(names[0])")
        }
        let name = names.count == 1 ? names[0] : policy ?? ""
        guard let dataset = try root.group(group)?.dataset(name) else {
            throw Failure(
                .data, "there are no answers of this policy", at: "\(path):/answers/\(name)", expected: "one of the file's policies",
                found: NearestName.list(names, for: name), remedy: "name one of those")
        }
        let shape = dataset.shape
        guard dataset.elementType.isNumber, shape.count == 4, shape[0] == questions, shape[1] == 1 || shape[1] >= head.samples,
            shape[2] == head.horizon, shape[3] == head.actionDimension
        else {
            throw Failure(
                .data, "the answers have another shape than the questions ask for", at: dataset.location, expected: expected,
                found: dataset.summary, remedy: remedy)
        }
        let values = try dataset.readFloats(), width = shape[2] * shape[3]
        if let bad = values.firstIndex(where: { !$0.isFinite }) {
            throw Failure(
                .data, "an answer is not finite", at: dataset.location, expected: "finite numbers",
                found: "\(values[bad]) at question \(bad / (width * shape[1])), sample \(bad / width % shape[1]), step \(bad / shape[3] % shape[2]), dimension \(bad % shape[3])",
                remedy: "a question that was not answered stays NaN: answer all of them")
        }
        return AnswerFile(
            policy: name, samples: shape[1], horizon: shape[2], actionDimension: shape[3],
            sequences: (0..<questions).map { question in
                (0..<shape[1]).map { sample in
                    let start = (question * shape[1] + sample) * width
                    return Array(values[start..<start + width])
                }
            })
    }
}
