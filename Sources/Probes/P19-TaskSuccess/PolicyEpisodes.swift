import Basics

/// The episodes of one policy, in the order of the starts.
struct PolicyEpisodes {
    let policy: PolicyID
    let family: String
    let demonstrations: Int
    let trainingSeed: Int
    let episodes: [EpisodeRecord]

    /// Policies in the order of their first episode.
    static func grouped(_ episodes: [EpisodeRecord]) -> [PolicyEpisodes] {
        struct Key: Hashable {
            let policy: PolicyID, demonstrations: Int
        }
        var order: [Key] = [], groups: [Key: [EpisodeRecord]] = [:]
        for episode in episodes {
            let key = Key(policy: episode.policy, demonstrations: episode.demonstrations)
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(episode)
        }
        return order.compactMap { key in
            guard let own = groups[key]?.sorted(by: { $0.start < $1.start }), let first = own.first else { return nil }
            return PolicyEpisodes(
                policy: key.policy, family: first.family, demonstrations: key.demonstrations, trainingSeed: first.trainingSeed,
                episodes: own)
        }
    }

    var successes: Int { episodes.count { $0.isSuccess } }
    var share: Double { Double(successes) / Double(episodes.count) }
    var meanProgress: Double { episodes.reduce(0) { $0 + $1.progress } / Double(episodes.count) }

    /// Success of both on the starts that both have, in the order of the starts.
    func paired(_ other: PolicyEpisodes) -> (own: [Bool], other: [Bool]) {
        let theirs = Dictionary(uniqueKeysWithValues: other.episodes.map { ($0.start, $0.isSuccess) })
        let shared = episodes.compactMap { episode in theirs[episode.start].map { (episode.isSuccess, $0) } }
        return (shared.map(\.0), shared.map(\.1))
    }
}

extension CompactLetters {
    /// Letters shared by policies whose success does not differ: exact McNemar tests of all pairs, Holm over them, 5 %.
    static func significant(_ policies: [PolicyEpisodes]) -> [String] {
        let places = policies.indices.flatMap { first in (first + 1..<policies.count).map { (first, $0) } }
        let pValues = places.map { first, second in
            let (own, other) = policies[first].paired(policies[second])
            return own.isEmpty ? 1 : PairedSuccess(first: own, second: other).mcNemarP
        }
        var differs = policies.map { _ in policies.map { _ in false } }
        for (pair, p) in zip(places, Holm.adjusted(pValues)) where p < 0.05 {
            differs[pair.0][pair.1] = true
            differs[pair.1][pair.0] = true
        }
        return CompactLetters(values: policies.map(\.share), differs: differs).letters
    }
}

/// A row of `p19_policies`.
struct PolicyRow: ProbeTable {
    static let name = "p19_policies"
    var policy = "", family = ""
    var demonstrations = 0, trainingSeed = 0, n = 0, successes = 0
    /// Share of starts, Wilson.
    var success = Estimate(value: nil)
    /// Mean over starts.
    var progress = Estimate(value: nil)
    /// Median over successes.
    var stepsToSuccess: Double?
    /// Means over episodes.
    var recalled = 0.0, switches = 0.0
    var flaggedShare: Double?
    var letters = ""

    init() {}

    init(_ policy: PolicyEpisodes, letters: String, _ context: ProbeContext) {
        let episodes = policy.episodes, count = Double(episodes.count)
        self.policy = policy.policy.name
        family = policy.family
        demonstrations = policy.demonstrations
        trainingSeed = policy.trainingSeed
        n = episodes.count
        successes = policy.successes
        success = Wilson.estimate(share: policy.share, count: episodes.count)
        let values = episodes.map(\.progress)
        progress = context.bootstrap(
            units: values.count, seed: context.seed / "p19" / policy.policy / policy.demonstrations
        ).estimate { weightedMean(values, $0) }
        let steps = episodes.filter(\.isSuccess).map { Double($0.steps) }
        stepsToSuccess = steps.isEmpty ? nil : SortedSample(steps).quantile(0.5)
        recalled = episodes.reduce(0) { $0 + Double(Set($1.recalled).count) } / count
        switches = episodes.reduce(0) { $0 + Double($1.switches) } / count
        let flagged = episodes.compactMap(\.flaggedShare)
        flaggedShare = flagged.isEmpty ? nil : flagged.reduce(0, +) / Double(flagged.count)
        self.letters = letters
    }

    static var columns: [Column<PolicyRow>] {
        [
            Column("policy", \.policy), Column("family", \.family), Column("demonstrations", \.demonstrations),
            Column("training_seed", \.trainingSeed), Column("n", \.n), Column("successes", \.successes), .bounds("success", \.success),
            .bounds("progress", \.progress), Column("steps_to_success", \.stepsToSuccess),
            Column("recalled_demonstrations", \.recalled), Column("switches", \.switches), Column("flagged_share", \.flaggedShare),
            Column("letters", \.letters),
        ]
    }
}

/// A row of `p19_distance`: success at starts of one quarter of the distances to the nearest training start.
struct DistanceRow: ProbeTable {
    static let name = "p19_distance"
    var policy = ""
    var quarter = 0
    /// Metres, mean over the quarter.
    var distance = 0.0
    var n = 0
    var success = Estimate(value: nil)

    static func all(_ policies: [PolicyEpisodes]) -> [DistanceRow] {
        policies.flatMap { policy -> [DistanceRow] in
            // A simulator elsewhere may not know where the object lay in the demonstrations.
            let sorted = policy.episodes.filter(\.startDistance.isFinite).sorted { ($0.startDistance, $0.start) < ($1.startDistance, $1.start) }
            return (0..<4).compactMap { quarter in
                let own = sorted[sorted.count * quarter / 4..<sorted.count * (quarter + 1) / 4]
                guard !own.isEmpty else { return nil }
                var row = DistanceRow()
                row.policy = policy.policy.name
                row.quarter = quarter + 1
                row.distance = own.reduce(0) { $0 + $1.startDistance } / Double(own.count)
                row.n = own.count
                row.success = Wilson.estimate(share: Double(own.count { $0.isSuccess }) / Double(own.count), count: own.count)
                return row
            }
        }
    }

    static var columns: [Column<DistanceRow>] {
        [
            Column("policy", \.policy), Column("quarter", \.quarter), Column("distance", \.distance), Column("n", \.n),
            .bounds("success", \.success),
        ]
    }
}
