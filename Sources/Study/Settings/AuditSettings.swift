import Basics
import Configuration
import Networks
import PolicyServers

/// What kind of thing answers in the place of a policy that was trained here.
public enum SubjectForm: String, SettingsChoice, Sendable {
    /// Weights that run here: also the probes that look inside the network are asked.
    case network
    /// A lookup table in a folder.
    case table
    /// A file that somebody's own program filled with answers.
    case answers
    /// A server of openpi's protocol.
    case served

    /// Whether it encodes observations and denoises sequences where a probe can see it.
    var isNetwork: Bool { self == .network }

    /// Sequences that are asked for before a stop is heeded and what there is is kept; nil where all take no time.
    var sequencesAtOnce: Int? {
        switch self {
        // As many as a network takes at once: of eight each costs half as much again.
        case .network: 64
        case .served: 1
        case .table, .answers: nil
        }
    }
}

/// A policy that was trained elsewhere and takes the place of the one that a study trains.
public struct AuditSettings: Equatable, Sendable {
    /// A folder that holds a policy, a run that wrote one, an HDF5 file of answers, or the address of a server, ws://host:port.
    public var policy = ""
    /// What it is called in figures; nil for the last parts of `policy`.
    public var name: String?
    /// The demonstrations that it was trained on: a mask of the file, or names with commas between them.
    public var trainedOn = ""
    /// A file of further demonstrations of the task, none of which it was trained on; nil for none.
    public var reference: String?
    /// The questions that a file of answers answers; nil where one file holds both.
    public var questions: String?
    /// How a diffusion policy is sampled; nil for its own sampler and its own number of steps.
    public var sampler: DenoisingProcess.Kind?
    public var inferenceSteps: Int?
    /// Steps of DDIM by which a diffusion policy is asked a second time, for the monitors; nil for no second time, as for a policy that
    /// answers by as few of them itself.
    public var fastSteps: Int? = 10
    /// Steps of its training, as far as somebody knows.
    public var trainingSteps: Int?
    /// Earlier states of the same training, each a place as `policy` whose name ends with its step: `checkpoints/002000`.
    public var checkpoints: [String] = []
    /// How a server is asked, and which keys of the file a policy's inputs are, where their names differ.
    public var served = ServedPolicySettings()
    /// Of what a server serves: with another number nothing is taken from what it answered before.
    public var version = 1
    /// Whether the controls are made that take time: the lookup table, whose encoders are trained on the same demonstrations, and the
    /// exact denoiser.
    public var controls = true
    /// Found out when the policy is opened, and kept so that a run goes on with nothing else: what it is, and what decides its answers.
    public var form: SubjectForm?
    public var identity: String?
    /// How it answers, in words.
    public var manner: String?

    public init() {}

    /// Whether a place is a file of questions or answers.
    public static func isAnswers(_ place: String) -> Bool { ["hdf5", "h5"].contains(PathName.suffix(of: place)) }

    /// Leaves what the policy is, not where it lies or what it is called.
    mutating func clearPlaces() {
        (policy, name, questions, reference) = ("", nil, questions.map { _ in "" }, reference.map { _ in "" })
        checkpoints = checkpoints.map { "\(Self.trainingStep(of: $0) ?? 0)" }
    }

    /// In figures.
    var label: String {
        if let name { return name }
        let parts = policy.split(separator: "/").filter { $0 != "." && $0 != ".." }
        return parts.suffix(2).joined(separator: "/")
    }
}

extension AuditSettings: SettingsGroup {
    public static var fields: [SettingsField<AuditSettings>] {
        [
            SettingsField("policy", \.policy, .notEmpty), SettingsField("name", \.name, Rule.notEmpty.ifPresent),
            SettingsField("trained_on", \.trainedOn, .notEmpty), SettingsField("reference", \.reference, Rule.notEmpty.ifPresent), SettingsField("keys", \.served.keys),
            SettingsField("questions", \.questions, Rule.notEmpty.ifPresent), SettingsField("sampler", \.sampler),
            SettingsField("inference_steps", \.inferenceSteps, Rule.within(1...10_000).ifPresent),
            SettingsField("fast_steps", \.fastSteps, Rule.within(1...10_000).ifPresent),
            SettingsField("checkpoints", \.checkpoints, Self.checkpointRule.each(count: 0...64)),
            SettingsField("training_steps", \.trainingSteps, Rule.count(from: 1).ifPresent), SettingsField(group: "served", \.served), SettingsField("version", \.version, .count(from: 1)), SettingsField("controls", \.controls),
            SettingsField("form", \.form), SettingsField("identity", \.identity, Rule.notEmpty.ifPresent),
            SettingsField("manner", \.manner, Rule.notEmpty.ifPresent),
        ]
    }

    private static var checkpointRule: Rule<String> { Rule(expectation: "a place that ends with a training step, such as checkpoints/002000") { trainingStep(of: $0) != nil } }

    /// The step that a place is named after: the digits at the end of its last part, or of the one before where that says no more than
    /// what lies there; nil where there are none.
    public static func trainingStep(of place: String) -> Int? {
        let parts = place.split(separator: "/").filter { !$0.hasPrefix("pretrained_model") }
        guard let digits = parts.last?.reversed().prefix(while: \.isNumber), !digits.isEmpty else { return nil }
        return Int(String(digits.reversed()))
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        for (key, value, expected) in [
            ("policy", policy, "a folder that holds a policy, an HDF5 file of answers, or a server's address"),
            ("trained_on", trainedOn, "a mask of the file, or names of demonstrations with commas between them"),
        ] where value.isEmpty {
            throw origins.violation(path, key, "audit.\(key) is missing", expected: expected, found: "no such key")
        }
        let steps = checkpoints.compactMap(Self.trainingStep) + [trainingSteps].compactMap { $0 }
        if let twice = steps.indices.first(where: { steps[..<$0].contains(steps[$0]) }) {
            throw origins.violation(path, "checkpoints", expected: "every step once", found: "\(steps[twice]) twice")
        }
        if !checkpoints.isEmpty, trainingSteps == nil {
            throw origins.violation(path, "training_steps", expected: "the step of audit.policy, beside those of its checkpoints", found: "null")
        }
    }

    /// Keys by input.
    var pairings: [String: [String]] { Dictionary(served.keys.sent.map { ($0.name, $0.keys) }) { first, _ in first } }
}
