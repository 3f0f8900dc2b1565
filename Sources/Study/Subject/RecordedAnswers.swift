import Basics
import Demonstrations
import Policies
import Store

/// A policy that answers from a file: what somebody's own program answered to the questions of `alt ask`, found again by what is Asked what the file does not hold, it fails: nothing is answered in its place.
struct RecordedAnswers: Policy {
    let isStochastic: Bool
    /// By the question's id; the answers of one observation that was asked several times stand one after the other.
    private let sequences: [String: [[Float]]]
    private let path: String

    static func open(_ audit: AuditSettings) throws -> OpenedSubject {
        let asked = audit.questions ?? audit.policy, (head, _) = try QuestionFile.read(asked)
        let files = try [asked, audit.policy].distinct.map { try FileHash.sha256($0) }
        var opened = OpenedSubject(
            form: .answers, manner: "answers recorded in \(PathName.last(of: audit.policy))", identity: FileHash.sha256(text: files.joined(separator: " ")),
            make: { sampling, _ in
                guard sampling == nil else { throw Failure(.defect, "recorded answers have no sampler", at: audit.policy) }
                return try RecordedAnswers(asked, audit)
            })
        opened.actionDimension = head.actionDimension
        return opened
    }

    private init(_ asked: String, _ audit: AuditSettings) throws {
        let (head, ids) = try QuestionFile.read(asked)
        let answers = try AnswerFile.read(audit.policy, policy: audit.name, questions: ids.count, head)
        sequences = Dictionary(zip(ids, answers.sequences)) { $0 + $1 }
        isStochastic = answers.samples > 1
        path = audit.policy
    }

    func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
        try zip(observations, seeds).map { observation, seed in
            guard let own = sequences[observation.questionID(seed)] else {
                throw Failure(
                    .data, "the file has no answer to an observation that is asked about", at: path,
                    expected: "answers to the questions of this study, on this kind of processor", found: "none to \(observation.questionID(seed))",
                    remedy: "make the questions again with `alt ask` and the same settings, and answer those")
            }
            guard own.count >= samples || !isStochastic else {
                throw Failure(
                    .data, "the file has too few answers to an observation", at: path, expected: "\(samples)", found: "\(own.count)",
                    remedy: "make the questions again with `alt ask` and the same settings")
            }
            return (0..<samples).map { Prediction(actions: own[min($0, own.count - 1)]) }
        }
    }
}

extension Observation {
    /// Of what is seen, pictures and low-dim values of all steps, and of the draws that an answer may make.
    func questionID(_ seed: Seed) -> String {
        var hash = ContentHash()
        for image in images.joined() {
            hash.add([image.width, image.height])
            hash.add(image.pixels)
        }
        for values in lowDim { hash.add(values) }
        hash.add([seed.value])
        return String(hash.text.prefix(16))
    }
}
