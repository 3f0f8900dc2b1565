import Basics
import Demonstrations
import Probes

/// Frames that were rendered again with something changed, read from `probes.distractor_pairs`: the pairs that can be
/// asked about.
struct HeldOutPairs: Sendable {
    let pairs: DistractorPairs
    /// With the frame of the study's data that the picture shows.
    let members: [(member: DistractorPairs.Member, frame: FrameReference)]
    /// Pairs left out since their demonstration is trained on, and since the study did not load it.
    let trained, absent: Int

    var count: Int { Set(members.map(\.member.pair)).count }

    /// Nil without `probes.distractor_pairs`. A demonstration outside the study cannot be asked about, since every
    /// observation needs the frame it comes from.
    /// - Throws: `Failure` when the file cannot be read, its cameras or low-dim values are not the study's, a picture is
    ///   not of the frame it names, or no pair is left.
    init?(_ settings: Settings, for data: StudyData) throws {
        guard let path = settings.probes.distractorPairs else { return nil }
        let pairs = try DistractorPairs.load(
            DatasetSelection(path: path, cameras: data.set.cameras.map(\.key), lowDimKeys: data.set.lowDimKeys.map(\.key)),
            workers: settings.workers)
        try data.set.checkWidths(of: pairs.set)
        try data.set.checkSizes(of: pairs.set)
        let positions = Dictionary(uniqueKeysWithValues: data.set.episodes.enumerated().map { ($1.name, $0) })
        let train = Set(data.split.train)
        var members: [(DistractorPairs.Member, FrameReference)] = []
        var trained: Set<Int> = [], absent: Set<Int> = []
        for member in pairs.members {
            guard let demonstration = positions[member.demonstration] else {
                absent.insert(member.pair)
                continue
            }
            let frame = FrameReference(demonstration: demonstration, frame: member.frame)
            try data.set.check(member, of: pairs, shows: frame)
            if train.contains(demonstration) { trained.insert(member.pair) } else { members.append((member, frame)) }
        }
        guard !members.isEmpty else {
            throw Failure(
                .data, "no pair is left to ask about", at: path,
                expected: "pairs whose source is a demonstration of \(data.set.path) that is not trained on",
                found: "\(trained.count) pairs of training demonstrations, \(absent.count) of demonstrations not loaded",
                remedy: "use pairs made from the study's file, load more of it, or set probes.distractor_pairs to null")
        }
        self.pairs = pairs
        self.members = members
        self.trained = trained.count
        self.absent = absent.count
    }
}

extension QueryConditions {
    /// `pairs_clean` and `pairs_<kind>`. An observation is a one-step demonstration's own images and low-dim values, repeated
    /// over the observation steps; it stands still. The unit is the pair.
    func pairConditions() -> [QueryCondition] {
        guard let held = files.pairs else { return [] }
        let byKind = Dictionary(grouping: held.members, by: \.member.kind)
        let kinds = [DistractorPairs.clean] + byKind.keys.sorted().filter { $0 != DistractorPairs.clean }
        let (set, steps) = (held.pairs.set, data.layout.observationSteps)
        return kinds.map { kind in
            let members = byKind[kind] ?? []
            let episodes = members.map(\.member.episode)
            return QueryCondition(
                Condition("pairs_\(kind)"), Self.rung(ofPairs: kind), frames: members.map(\.frame),
                cluster: members.map(\.member.pair), unit: "pair", steps: data.layout.executedSteps
            ) { index, frame in
                // A demonstration of one step repeats it over all observation steps.
                var observation = set.observation(FrameReference(demonstration: episodes[index], frame: 0), steps: steps)
                observation.source = frame
                return observation
            }
        }
    }

    /// Clean pictures are held-out frames, those of any other kind are altered.
    static func rung(ofPairs kind: String) -> Rung { kind == DistractorPairs.clean ? .heldOut : .altered }
}

extension DemonstrationSet {
    fileprivate func checkSizes(of other: DemonstrationSet) throws {
        guard let (own, found) = zip(cameras, other.cameras).first(where: { $0 != $1 }) else { return }
        throw Failure(
            .data, "a camera of the pairs has another size", at: "\(other.path): \(own.key)",
            expected: "\(own.width) x \(own.height), as \(path)", found: "\(found.width) x \(found.height)",
            remedy: "render the pairs at the study's size, or set probes.distractor_pairs to null")
    }

    /// A name alone may mean another recording's demonstration: the robot must be where it is in the frame.
    fileprivate func check(
        _ member: DistractorPairs.Member, of pairs: DistractorPairs, shows frame: FrameReference
    ) throws {
        let length = episodes[frame.demonstration].length
        let location = "\(pairs.set.path): \(pairs.set.episodes[member.episode].name)"
        let remedy = "use pairs made from \(path), or set probes.distractor_pairs to null"
        guard frame.frame < length else {
            throw Failure(
                .data, "the source of a pair is not a frame of the study's file", at: location,
                expected: "a frame below \(length) of \(member.demonstration)", found: "\(frame.frame)", remedy: remedy)
        }
        let own = pairs.set.lowDim(FrameReference(demonstration: member.episode, frame: 0))
        let difference = zip(own, lowDim(frame)).map { abs($0 - $1) }.max() ?? 0
        guard difference <= 1e-3 else {
            throw Failure(
                .data, "a pair is not of the frame it names", at: location,
                expected: "the low-dim values of \(member.demonstration):\(member.frame) within 0.001",
                found: "a difference of \(difference)", remedy: remedy)
        }
    }

    /// - Throws: `Failure` when the low-dim values of another file are not the study's.
    func checkWidths(of other: DemonstrationSet) throws {
        guard other.lowDimDimension != lowDimDimension else { return }
        throw Failure(
            .data, "a file of other frames has low-dim values of another width", at: other.path,
            expected: "\(lowDimDimension) values a step, as \(path)", found: "\(other.lowDimDimension)",
            remedy: "use a file of the same robot, or narrow data.low_dim to keys both have")
    }
}
