import Basics

/// What was made of the observations before the policies were asked; the name stands in every table.
public struct Condition: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String { name }

    /// Training observations: a check of the fit, never evidence.
    public static let train = Condition("train")
    /// Observations of demonstrations in neither train nor reference.
    public static let heldout = Condition("heldout")
    /// A blank image with the pose of a held-out observation.
    public static let blank = Condition("blank")
    /// Animals drawn by code, with the pose of a held-out observation.
    public static let cat = Condition("cat"), dog = Condition("dog")
    /// Photographs of a class, with the pose of a held-out observation.
    public static func photographs(of kind: String) -> Condition { Condition("photograph_\(kind)") }
    /// What the paper shows in place of the scene: cats and dogs, first as drawings, then as photographs.
    static let drawnAnimals = [cat, dog], photographedAnimals = [photographs(of: "cats"), photographs(of: "dogs")]
    /// Both, as far as a study has them.
    public static let animals = drawnAnimals + photographedAnimals

    /// Episodes in the simulator: the task as it is, and with the object moved on the way.
    public static let closedLoop = Condition("closed_loop"), objectMoved = Condition("object_moved")
    /// Episodes from further starts, which are compared with nothing: they set the thresholds of monitors.
    public static let closedLoopReference = Condition("closed_loop_reference")
    /// Episodes before the study, by which it is chosen what the lookup table is made of. No table has rows of them.
    public static let closedLoopChoice = Condition("closed_loop_choice")
    /// Rows of monitors along the compared episodes of one policy.
    static func rollouts(of policy: PolicyID) -> Condition { Condition("rollouts_\(policy)") }
    /// Rows about single queries against the clock.
    public static let timed = Condition("timed")
    /// The same at the size of the published networks.
    public static let timedAtReferenceSize = Condition("timed_reference_size")
    /// The sizes at which queries are timed, that of the claims first.
    static let timings = [timedAtReferenceSize, timed]
    /// Rows over all conditions that were asked about.
    static let all = Condition("all")
    /// Rungs of the control ladder, which answer no observation.
    static let control = Condition("control")
}

/// A policy as the probes know it: its name in every table, what it is called in figures, and what it is in the study.
public struct PolicyID: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public let role: PolicyRole
    /// In figures and reports: "diffusion policy, DDPM-100".
    public let label: String

    /// - Parameter label: without one, the name with spaces.
    public init(_ name: String, _ role: PolicyRole, _ label: String? = nil) {
        self.name = name
        self.role = role
        self.label = label ?? name.replacing("_", with: " ")
    }

    public var description: String { name }

    /// The label is for people only.
    public static func == (first: PolicyID, second: PolicyID) -> Bool { (first.name, first.role) == (second.name, second.role) }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(role)
    }

    /// True held-out chunks, measured as if a policy had generated them.
    static let truth = PolicyID("truth", .control)
    /// A rung of the control ladder.
    static func rung(_ name: String) -> PolicyID { PolicyID(name, .control) }
}

/// What a policy is in a study: by this the probes, claims and figures find it.
public enum PolicyRole: String, Hashable, Sendable, CaseIterable, Codable {
    /// The policy under study.
    case subject
    /// The subject's weights under a faster sampler.
    case sampler
    /// Trained as the subject from another seed.
    case seed
    /// The subject at an earlier step of its training.
    case checkpoint
    /// Another policy trained on the same observations, to compare with.
    case learned
    /// The explicit lookup table.
    case table
    /// A kernel mean on the table's embedding: a soft table.
    case kernel
    /// The nearest training frame by pixels.
    case pixels
    /// Another table or kernel; most are asked in closed loop alone.
    case lookup
    /// A training demonstration carried out without looking: that of the nearest start, or any.
    case replay, randomReplay
    /// Oracles: hard nearest neighbour, kernel mean, held-out truth.
    case memorizer, interpolator, generalizer
    /// The mean training sequence, whatever is observed.
    case mean
    /// The simulator's scripted expert.
    case expert
    /// The exact minimiser of the denoising loss, sampled as the subject is: pure memorisation by construction.
    case exact
    /// The same under the faster sampler.
    case exactSampler
    /// The subject's counterpart on low-dim observations, cheap enough for twins and data sizes.
    case standIn
    /// Trained as the stand-in from another seed.
    case standInSeed
    /// Another policy on the stand-in's observations, and a table of them.
    case standInLearned, standInTable
    /// The subject's network before its training, and after half of it: controls of the denoiser.
    case untrained, halfTrained
    /// Anything else to compare with.
    case control

    /// For the glossary.
    public var meaning: String {
        switch self {
        case .subject: "the policy under study"
        case .sampler: "its weights under a faster sampler"
        case .seed: "trained as the policy under study, from another seed"
        case .checkpoint: "the policy under study at an earlier step of its training"
        case .learned: "another policy trained on the same observations"
        case .table: "the Action Lookup Table, as chosen before the study (alt/variants.csv)"
        case .kernel: "a kernel mean over training frames on the table's embedding"
        case .pixels: "the sequence of the nearest training frame by pixels"
        case .lookup: "another lookup of training frames"
        case .replay: "one training demonstration carried out without looking: that of the nearest start"
        case .randomReplay: "one training demonstration carried out without looking, drawn at random"
        case .memorizer: "oracle: recalls by construction, the nearest training frame by pixels and low-dim values"
        case .interpolator: "oracle: interpolates by construction, a kernel mean over training frames"
        case .generalizer: "oracle: generalises by construction, the demonstrator's own sequence"
        case .mean: "the mean training sequence, whatever is observed"
        case .expert: "the simulator's scripted expert"
        case .exact: "the exact minimiser of the denoising loss with a narrow kernel: memory by construction"
        case .exactSampler: "the same under the faster sampler"
        case .standIn: "diffusion on low-dim observations with the object's state, cheap enough for twins and data sizes"
        case .standInSeed: "the same from another seed"
        case .standInLearned: "another policy on those observations"
        case .standInTable: "a lookup of those observations"
        case .untrained: "control of the denoiser: the network before training"
        case .halfTrained: "control of the denoiser: the network half-way in its training"
        case .control: "something to compare with"
        }
    }

    static let oracles: [PolicyRole] = [.memorizer, .interpolator, .generalizer]
    /// What most figures draw: all policies would hide each other.
    static let drawn: [PolicyRole] = [.subject, .learned, .table, .kernel] + oracles

    public var isOracle: Bool { Self.oracles.contains(self) }

    /// Not under study but what is compared with: drawn in grey.
    public var isControl: Bool {
        switch self {
        case .memorizer, .interpolator, .generalizer, .mean, .pixels, .expert, .exact, .exactSampler, .untrained, .halfTrained,
            .lookup, .replay, .randomReplay, .control:
            true
        case .subject, .sampler, .seed, .checkpoint, .learned, .table, .kernel, .standIn, .standInSeed, .standInLearned, .standInTable: false
        }
    }
}

extension Seed {
    public static func / (parent: Seed, policy: PolicyID) -> Seed { parent / policy.name }
    public static func / (parent: Seed, condition: Condition) -> Seed { parent / condition.name }
}

extension Condition: CellValue {
    public var cell: Table.Cell { .text(name) }
    public init?(cell text: String) { self.init(text) }
    public static var form: String { "a condition" }
}
