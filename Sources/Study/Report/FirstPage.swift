import Basics
import Probes

/// Three questions before all others, each with its answer and the numbers behind it: does the policy fit, does it recall, which input
/// is the key?
public struct FirstPage {
    /// One question.
    struct Answer: Equatable {
        let question: String
        /// One or two words.
        let answer: String
        let numbers: String
    }

    let answers: [Answer]

    /// - Parameter folder: of a run whose probes are done
    /// - Throws: `Failure` when a file of it is absent or damaged.
    public init(run folder: String) throws {
        let facts = try RunFacts(folder)
        guard let subject = facts.catalogue.first(.subject)?.id else { throw Failure(.defect, "a study has no policy under study", at: folder) }
        self.init(try SummaryRecord.read("\(folder)/summary.csv"), subject, facts.settings.rules, reasons: try Self.reasons(folder))
    }

    /// - Parameter reasons: why probes were not asked, by their names
    init(_ rows: [SummaryRecord], _ subject: PolicyID, _ rules: DecisionRules, reasons: [String: String]) {
        func row(_ endpoint: Endpoint, _ condition: Condition) -> SummaryRecord? {
            rows.first { $0.endpoint == endpoint.key && $0.policy == subject.name && $0.condition == condition }
        }
        func value(_ row: SummaryRecord) -> String { SummaryHeadline.interval(row.estimate) }
        func beside(_ row: SummaryRecord) -> String { SummaryHeadline.short(row.controlValue) }
        func unasked(_ endpoint: Endpoint) -> String { reasons[endpoint.probe].map { "not asked: \($0)" } ?? "not measured" }

        let fit = row(.trainError, .train)
        let isFitted = fit?.estimate.value.map { $0 < rules.fit }
        let fits = Answer(
            question: "does it fit?", answer: isFitted.map { $0 ? "yes" : "no" } ?? "unknown",
            numbers: fit.map { "its error on training windows is \(value($0)) of the distance between demonstrations (it fits below \(rules.fit))" } ?? unasked(.trainError))
        var memory: [String] = []
        let share = row(.dcrShare, .heldout)
        memory.append(
            share.map { "\(value($0)) of its sequences at unseen observations are nearer to what it was trained on (truth \(beside($0)), null 0.5)" }
                ?? "share nearer to training: \(unasked(.dcrShare))")
        if let row = row(.scoreMedian, .heldout) { memory.append("S \(value(row)) (truth \(beside(row)))") }
        for condition in [Condition.cat, .dog] {
            if let row = row(.topTwoMass, condition) { memory.append("two demonstrations hold \(value(row)) of its answers to \(condition.label) (chance \(beside(row)))") }
        }
        let recalls = Answer(
            question: "does it recall?", answer: isFitted == false ? "not fitted" : share?.verdict ?? "unknown", numbers: memory.joined(separator: "; "))
        let image = row(.imageShare, Design.otherImage.condition), pose = row(.poseShare, Design.otherImage.condition)
        let key = Answer(
            question: "which input is the key?", answer: image?.verdict ?? "unknown",
            numbers: image.flatMap { image in
                pose.map { "shown one demonstration's image with another's pose, \(value(image)) follow the image and \(value($0)) the pose (chance \(beside(image)))" }
            } ?? unasked(.imageShare))
        answers = [fits, recalls, key]
    }

    /// Lines for a terminal.
    public var text: String { answers.map { "\($0.question)  \($0.answer.uppercased())\n  \($0.numbers.replacing("; ", with: "\n  "))\n" }.joined() }

    /// Rows for a page: question, answer, numbers.
    var rows: [[String]] { answers.map { [$0.question, $0.answer, $0.numbers] } }

    private static func reasons(_ folder: String) throws -> [String: String] {
        let table = try CSVText.read("\(folder)/probes.csv")
        guard let probe = table.columns.firstIndex(of: "probe"), let reason = table.columns.firstIndex(of: "reason") else { return [:] }
        return Dictionary(table.rows.filter { $0[reason] != "NA" }.map { ($0[probe], $0[reason]) }) { first, _ in first }
    }
}
