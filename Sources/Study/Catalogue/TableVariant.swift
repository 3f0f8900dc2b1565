import Demonstrations
import Policies

/// What an Action Lookup Table may be made of: by what observations are compared, and what is made of the comparison.
///
/// The first is the published recipe. Then one change of it at a time, so that each has its row, and last the changes of the
/// key together, alone and with the consistent manner. `alt` is the best of them in episodes or on the reference demonstrations,
/// see `VariantChoice`.
struct TableVariant: Sendable, Equatable {
    /// By what observations are compared.
    struct Key: Hashable, Sendable {
        var encoder = EncoderTraining.Recipe.published
        /// Whether the encoder is left before the projection head; an autoencoder has none.
        var dropsHead = false
        /// Whether the arm's pose stands beside the embedding, see `JoinedKey`.
        var hasPose = false

        /// Whether rows are unit vectors, compared by their cosine.
        var isUnit: Bool { !hasPose }

        /// What no variant has: the same encoder trained for something else.
        static let autoencoder = Key(encoder: .autoencoder, dropsHead: true)

        /// In tables.
        var name: String { "\(encoder) \(dropsHead ? "features" : "head")\(hasPose ? " + pose" : "")" }
    }

    /// What is made of the comparison.
    enum Manner: String, Sendable {
        case nearest
        /// The continuation of what was recalled last is preferred.
        case consistent
        /// One of the best rows of the three best demonstrations, drawn with equal chances.
        case sampled
        /// The demonstration recalled first in the episode, to its end.
        case locked

        func rule(_ layout: WindowLayout) -> RetrievalRule {
            switch self {
            case .nearest: RetrievalRule()
            case .consistent: RetrievalRule { $0.advance = layout.executedSteps }
            case .sampled: RetrievalRule { ($0.answer, $0.neighbours, $0.areDistinct) = (.sampled, 3, true) }
            case .locked: RetrievalRule { $0.locksEpisode = true }
            }
        }
    }

    let name: String
    var key = Key()
    var manner = Manner.nearest

    /// What it changes of the published recipe, for figures.
    var label: String {
        let changes = [
            key.encoder == .spared ? "spared" : nil, key.encoder == .pretrained ? "ImageNet's encoder" : nil, key.dropsHead ? "no head" : nil, key.hasPose ? "pose" : nil,
            manner == .nearest ? nil : manner.rawValue,
        ].compactMap { $0 }
        return changes.isEmpty ? "as published" : changes.joined(separator: ", ")
    }

    /// As published: with the encoder trained here, and with ImageNet's.
    var isPublished: Bool { manner == .nearest && (key == Key() || key == Key(encoder: .pretrained)) }

    static let paper = TableVariant(name: "alt_paper")

    /// Everything that a table may be made of, whether or not a study has what it needs.
    static let known = [
        paper,
        TableVariant(name: "alt_pretrained", key: Key(encoder: .pretrained)),
        TableVariant(name: "alt_pretrained_consistent", key: Key(encoder: .pretrained), manner: .consistent),
        TableVariant(name: "alt_spared", key: Key(encoder: .spared)),
        TableVariant(name: "alt_no_head", key: Key(dropsHead: true)),
        TableVariant(name: "alt_pose", key: Key(hasPose: true)),
        TableVariant(name: "alt_consistent", manner: .consistent),
        TableVariant(name: "alt_top_k", manner: .sampled),
        TableVariant(name: "alt_locked", manner: .locked),
        TableVariant(name: "alt_spared_no_head", key: Key(encoder: .spared, dropsHead: true)),
        TableVariant(name: "alt_spared_no_head_consistent", key: Key(encoder: .spared, dropsHead: true), manner: .consistent),
        TableVariant(name: "alt_combined", key: Key(encoder: .spared, dropsHead: true, hasPose: true)),
        TableVariant(name: "alt_combined_consistent", key: Key(encoder: .spared, dropsHead: true, hasPose: true), manner: .consistent),
    ]

    /// What a study's table may be made of: the published recipe always.
    static func all(_ settings: AltSettings) -> [TableVariant] {
        known.filter { variant in
            variant == paper || variant.key.encoder.isAtHand(settings) && settings.variants?.contains(variant.name) != false
        }
    }

    /// What is tried in a part: where the study names what its table is made of, the twin's is that and nothing else.
    static func tried(_ part: StudyPart, _ settings: AltSettings) -> [TableVariant] {
        guard part != .main, let named = TableVariant(named: settings.variant) else { return all(settings) }
        return [named]
    }

    /// Every key of a part once.
    static func keys(_ part: StudyPart, _ settings: AltSettings) -> [Key] {
        var seen: Set<Key> = []
        return tried(part, settings).map(\.key).filter { seen.insert($0).inserted }
    }

    /// The encoders of all of them.
    static func encoders(_ part: StudyPart, _ settings: AltSettings) -> [EncoderTraining.Recipe] {
        let used = Set(keys(part, settings).map(\.encoder))
        return EncoderTraining.Recipe.allCases.filter(used.contains)
    }

    /// Nil for a name that no variant has.
    init?(named name: String) {
        guard let variant = Self.known.first(where: { $0.name == name }) else { return nil }
        self = variant
    }

    private init(name: String, key: Key = Key(), manner: Manner = .nearest) {
        self.name = name
        self.key = key
        self.manner = manner
    }

    /// Whether the study's table may be of it: it answers the same twice, its best match first.
    var isCandidate: Bool { manner != .sampled }

    /// Whether a threshold means anything for it: a fixed one is a cosine.
    func fits(_ threshold: SimilarityThreshold) -> Bool { threshold.method == .calibrated || key.isUnit }
}

/// What a variant of the lookup table does before the study, by which `alt` is chosen.
struct VariantTrial: Sendable {
    let variant: TableVariant
    /// On the reference demonstrations, see `ReferenceError`.
    let error: Double
    /// Of `rollouts.choice_starts` episodes; nil without episodes.
    var successes: Int?
}

/// Which variant `alt` is: by name, or the best: with the most successes in episodes from starts of their own, where a simulator
/// made the demonstrations, and of equal ones, or without episodes, with the smallest error on the reference demonstrations.
enum VariantChoice {
    /// What the setting says for the best.
    static let automatic = "auto"
    static var names: [String] { [automatic] + TableVariant.known.filter(\.isCandidate).map(\.name) }

    /// What `alt` may be.
    static func candidates(_ settings: AltSettings) -> [TableVariant] {
        if let named = TableVariant(named: settings.variant) { return [named] }
        return TableVariant.all(settings).filter { $0.isCandidate && $0.fits(settings.threshold) }
    }

    /// Of equal ones the first.
    static func chosen(_ settings: AltSettings, _ trials: [VariantTrial]) -> TableVariant? {
        let candidates = candidates(settings)
        return trials.filter { candidates.contains($0.variant) }.min {
            (-($0.successes ?? 0), $0.error) < (-($1.successes ?? 0), $1.error)
        }?.variant
    }
}
