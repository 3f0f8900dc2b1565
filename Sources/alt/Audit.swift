import ArgumentParser
import Basics
import Runs
import Store
import Study

struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a policy that was trained elsewhere whether it generalises or recalls.",
        discussion: """
            Examples:
              alt audit RUN --data lift.hdf5 --trained-on train                     a policy that a run of this program wrote
              alt audit run/pretrained_model --data lift.hdf5 --trained-on train    a diffusion policy that lerobot trained
              alt audit ws://127.0.0.1:8000 --data lift.hdf5 --trained-on train     one behind a server of openpi's protocol
              alt audit questions.hdf5 answers.hdf5                                 one that answered to `alt ask` elsewhere
              alt audit RUN --data lift.hdf5 --trained-on demo_0,demo_3 --quick     the first page in two minutes
              alt audit run/checkpoints/0* --data lift.hdf5 --trained-on train      memory against training steps

            --trained-on names the mask of the file, or the demonstrations, that the policy was trained on: the others are what it is
            asked about. What it is compared with is made of the same demonstrations.
            """)

    @Argument(help: "A folder that holds a policy, a run, a server's address, or a file of questions.", completion: .file()) var policy: String
    @Argument(help: "Further checkpoints of the same training, or the file of answers; then changes as key.path=value.") var rest: [String] = []
    @OptionGroup var asked: AuditOptions
    @Option(help: "Folder for results.") var results = "results"
    @Flag(help: "Open everything, and say what would run, what is there already and how long it takes; write nothing.") var dryRun = false
    @OptionGroup var drawing: DrawingOptions
    @OptionGroup var said: ConsoleOptions

    func run() throws {
        try ResultsFolder.check(results)
        let file = try load()
        try file.settings.checkPaths(file.origins)
        try StudySession.run(file, results: results, drawing, dryRun: dryRun, said.console)
    }

    private func load() throws -> ExperimentFile {
        let places = [policy] + rest.prefix { !$0.contains("=") }, overrides = Array(rest.dropFirst(places.count - 1))
        let areAnswers = places.map(AuditSettings.isAnswers)
        if areAnswers == [true, true] {
            return try AuditExperiment.answered(questions: places[0], answers: places[1], asked, overrides: overrides)
        }
        if areAnswers == [true] { return try AuditExperiment.answered(questions: policy, answers: policy, asked, overrides: overrides) }
        guard places.count > 1 else { return try asked.load(policy: policy, overrides: overrides) }
        let steps = try places.map { place in
            guard let step = AuditSettings.trainingStep(of: place) else {
                throw Failure(
                    .usage, "a checkpoint does not say how long it was trained", at: place, expected: "a name that ends with its step, such as checkpoints/002000",
                    remedy: "leave it out (a link such as `last` is one of the others), or audit it alone")
            }
            return (step, place)
        }.sorted { $0.0 < $1.0 }
        let earlier = steps.dropLast().map { JSONText.quoted($0.1) }.joined(separator: ", ")
        return try asked.load(
            policy: steps[steps.count - 1].1,
            overrides: ["audit.checkpoints=[\(earlier)]", "audit.training_steps=\(steps[steps.count - 1].0)"] + overrides)
    }
}

struct Ask: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the observations that an audit asks about into a file, for a policy that runs elsewhere.",
        discussion: """
            Example:
              alt ask lift.hdf5 --trained-on train --output questions.hdf5
              python answer.py questions.hdf5                                       fills answers/<policy>
              alt audit questions.hdf5

            The file's attribute README says what to fill in.
            """)

    @Argument(help: "A robomimic HDF5 file.", completion: .file(extensions: ["hdf5", "h5"])) var data: String
    @Argument(help: "Changes as key.path=value, written as in YAML.") var overrides: [String] = []
    @Option(help: "A mask of the file, or names with commas between them: what the policy was trained on.") var trainedOn: String
    @Option(help: "The file of questions; it must not exist.") var output: String
    @Option(help: "A robomimic HDF5 file of further demonstrations of the task, which the policy has not seen.", completion: .file(extensions: ["hdf5", "h5"]))
    var reference: String?
    @Flag(help: "Only what the first page asks.") var quick = false
    @OptionGroup var said: ConsoleOptions

    func run() throws {
        let file = try AuditExperiment.load(
            policy: output, data: data, trainedOn: trainedOn, name: nil, config: nil, quick: quick,
            overrides: (reference.map { ["audit.reference=\(JSONText.quoted($0))"] } ?? []) + overrides)
        try file.settings.checkPaths(file.origins)
        let interruption = Interruption()
        interruption.install()
        let (count, notes) = try Study.writeQuestions(file, to: output, program: .current, console: said.console, interruption: interruption)
        for note in notes { said.console.line(note) }
        try Output.print("\(output): \(count) questions")
    }
}

/// What `audit` takes beside the policy.
struct AuditOptions: ParsableArguments {
    @Option(help: "A robomimic HDF5 file.", completion: .file(extensions: ["hdf5", "h5"])) var data: String?
    @Option(help: "A mask of the file, or names with commas between them: what the policy was trained on.") var trainedOn: String?
    @Option(help: "A robomimic HDF5 file of further demonstrations of the task, which the policy has not seen.", completion: .file(extensions: ["hdf5", "h5"]))
    var reference: String?
    @Option(help: "What the policy is called in figures; in a file with the answers of several, which.") var name: String?
    @Option(help: "An experiment's YAML file whose settings are taken.", completion: .file(extensions: ["yaml", "yml"])) var config: String?
    @Flag(help: "Does it fit, does it recall, which input is the key: nothing else, and no lookup table.") var quick = false

    func load(policy: String, overrides: [String]) throws -> ExperimentFile {
        guard let data, let trainedOn else {
            throw Failure(
                .usage, "the demonstrations are not named", expected: "--data FILE and --trained-on MASK",
                found: data == nil ? "no --data" : "no --trained-on", remedy: "name the robomimic file, and which of it the policy was trained on")
        }
        return try AuditExperiment.load(
            policy: policy, data: data, trainedOn: trainedOn, name: name, config: config, quick: quick,
            overrides: (reference.map { ["audit.reference=\(JSONText.quoted($0))"] } ?? []) + overrides)
    }
}

/// The settings of an audit from the command line.
private enum AuditExperiment {
    static func load(
        policy: String, data: String, trainedOn: String, name: String?, config: String?, quick: Bool, overrides: [String]
    ) throws -> ExperimentFile {
        let said = [("data.path", data), ("audit.policy", policy), ("audit.trained_on", trainedOn)] + (name.map { [("audit.name", $0)] } ?? [])
        let experiment = config == nil ? ["experiment=audit"] : []
        return try ExperimentFile.load(
            config, profile: quick ? "audit_quick" : "audit", overrides: experiment + said.map { "\($0)=\(JSONText.quoted($1))" } + overrides)
    }

    /// What the questions were asked with, and where the answers are.
    static func answered(questions: String, answers: String, _ asked: AuditOptions, overrides: [String]) throws -> ExperimentFile {
        for (option, isGiven) in [("--trained-on", asked.trainedOn != nil), ("--config", asked.config != nil), ("--reference", asked.reference != nil), ("--quick", asked.quick)] where isGiven {
            throw Failure(
                .usage, "the questions say already what is asked", expected: "no \(option)", found: option,
                remedy: "leave it out, or make other questions with `alt ask`")
        }
        let said = [("audit.policy", answers), ("audit.questions", questions)] + (asked.data.map { [("data.path", $0)] } ?? [])
            + (asked.name.map { [("audit.name", $0)] } ?? [])
        return try ExperimentFile.asked(in: questions, overrides: said.map { "\($0)=\(JSONText.quoted($1))" } + overrides)
    }
}
