import Basics
import Demonstrations
import Probes
import Runs
import Store

/// Every observation that a study asks its policy about, without asking it: what `alt ask` writes for a program that answers
/// elsewhere. The study itself asks the same, so that a question that is forgotten here is an error there and no answer in its place.
struct SubjectQuestions {
    let study: Study
    let run: RunContext

    /// Every observation with its draws; several times where more answers are wanted than a question has.
    func all() throws -> [QuestionFile.Question] {
        let data = try study.data(run), samples = study.settings.probes.samples, width = data.layout.horizon * data.set.actionDimension
        var known: Set<String> = []
        return try asked().flatMap { answers, observations in
            zip(observations, answers.seeds).flatMap { observation, seed -> [QuestionFile.Question] in
                let id = observation.questionID(seed)
                guard known.insert(id).inserted else { return [] }
                return stride(from: 0, to: answers.samples, by: samples).map { first in
                    let noise = (first..<first + samples).flatMap { sample in
                        var source = RandomSource(seed / sample)
                        return (0..<width).map { _ in Float(source.normal()) }
                    }
                    return QuestionFile.Question(id: id, condition: answers.condition.condition.name, observation: observation, seed: seed, noise: noise)
                }
            }
        }
    }

    private func asked() throws -> [(answers: PolicyAnswers, observations: [Observation])] {
        guard let entry = study.catalogue.first(.subject) else { return [] }
        var conditions = try study.conditions(run).filter(entry.isAsked)
        let data = try study.data(run), inputs = ProbeInputs(study, run)
        let designs = DesignedConditions(data: data, state: try study.data(run, view: .state), settings: study.settings)
        let needs = try AskedProbes(study, inputs, data.summary(study.settings)).probes.reduce(into: Set<Need>()) { $0.formUnion($1.needs) }
        for need in [Need.mixtures, .scenes, .forks] where needs.contains(need) { conditions += try designs.all(need).map(\.query) }
        let maker = PolicyMaker(study: study, run: run)
        return try conditions.map { (PolicyAnswers(entry: entry, condition: $0, maker: maker), try study.observations($0, entry.view, .main, run)) }
    }
}

extension Study {
    /// Writes the questions of an audit whose policy answers elsewhere.
    /// - Parameters:
    ///   - experiment: an audit of answers that are not there yet
    ///   - path: where the file of questions is to be
    /// - Returns: how many questions there are, and what of the audit cannot be asked with these demonstrations.
    /// - Throws: `Failure`: `cannotCreate` when the file exists, else for what the audit would refuse.
    public static func writeQuestions(
        _ experiment: ExperimentFile, to path: String, program: ProgramIdentity, console: Console, interruption: Interruption
    ) throws -> (questions: Int, notes: [String]) {
        guard !FileSystem.exists(path) else {
            throw Failure(.cannotCreate, "the file of questions exists", at: path, expected: "a new file", remedy: "name another, or remove it first")
        }
        let experiment = try experiment.withQuestions(in: path).namingObservations()
        let settings = experiment.settings, configuration = try experiment.runConfiguration()
        let run = RunContext.looking(at: configuration, in: path, program: program, console: console, interruption: interruption)
        let study = Study(settings, isAsking: true), data = try study.data(run), questions = try SubjectQuestions(study: study, run: run).all()
        var head = QuestionFile.Head()
        (head.samples, head.horizon, head.actionDimension) = (settings.probes.samples, data.layout.horizon, data.set.actionDimension)
        head.configuration = try settings.resolvedYAML()
        head.readme = readme(data, settings, count: questions.count)
        try QuestionFile.write(questions, head, keysOf: data.set, to: path)
        let notes = try [study.shortage(run)].compactMap { $0 } + AskedProbes(study, ProbeInputs(study, run), data.summary(settings)).lines("will not be")
        return (questions.count, notes)
    }

    /// What a division of the demonstrations leaves out, in a sentence; nil where nothing is lacking or nothing is audited.
    func shortage(_ run: RunContext) throws -> String? {
        guard let audit = settings.audit else { return nil }
        return try AuditedSplit(audit.trainedOn, in: settings.data.path, among: data(run).set.episodes.map(\.name)).shortage
    }

    private static func readme(_ data: StudyData, _ settings: Settings, count: Int) -> String {
        let layout = data.layout, samples = settings.probes.samples
        return """
            \(count) observations for a policy to answer. Each is obs/<key>[question]: \(layout.observationSteps) steps, the oldest first, the last one \
            being now; images uint8 [H, W, 3], upright RGB; the other values as recorded. Write the answers into this file or another as \
            answers/<policy>, float32 [\(count), samples, \(layout.horizon), \(data.set.actionDimension)]: \(samples) samples of a policy that draws, \
            1 of one that does not. Each answer is a sequence of \(layout.horizon) actions in the units of the demonstrations' actions; its entry \
            \(layout.observationSteps - 1) is the action to carry out now, and what stands before it belongs to the earlier observed steps. A policy \
            that answers with fewer steps is asked with windows.horizon set to theirs, one that answers from now on with \
            windows.observation_steps=1. Answer every question, each as if it were the first of an episode: their order says \
            nothing. question/noise and question/seed are there so that a policy that draws can answer the same again. Then: alt audit QUESTIONS.hdf5 ANSWERS.hdf5
            """
    }
}
