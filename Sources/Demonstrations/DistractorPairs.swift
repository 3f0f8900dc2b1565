import Basics

/// Frames of a recording in pairs, each once as it was and once with something beside the task changed: a robomimic file
/// of one-step demonstrations with the attributes `kind` (`clean` or what was changed), `pair` (a number) and `source`
/// (`demonstration:frame` of the recording).
public struct DistractorPairs: Sendable {
    /// One picture of a pair.
    public struct Member: Sendable {
        /// Position in `set.episodes`.
        public let episode: Int
        public let kind: String
        public let pair: Int
        /// Name of the demonstration the frame was taken from, and the frame's number.
        public let demonstration: String
        public let frame: Int
    }

    public static let clean = "clean"

    public let set: DemonstrationSet
    /// In the order of `set.episodes`.
    public let members: [Member]

    /// - Throws: `Failure` when the file cannot be read, an attribute is missing or unreadable, a demonstration has more
    ///   than one step, or a pair has not one clean picture and at least one other of the same source.
    public static func load(_ selection: DatasetSelection, workers: Int) throws -> DistractorPairs {
        let set = try RobomimicFile.load(selection, workers: workers)
        let layout = try RobomimicLayout(reading: selection.path)
        let members = try set.episodes.enumerated().map { index, episode in
            try member(index, episode, layout.demonstration(episode.name))
        }
        for (pair, members) in Dictionary(grouping: members, by: \.pair).sorted(by: { $0.key < $1.key }) {
            let clean = members.count { $0.kind == Self.clean }
            let sources = Set(members.map { "\($0.demonstration):\($0.frame)" }).sorted()
            guard clean == 1, members.count > 1, sources.count == 1 else {
                throw failure(
                    "a pair is not complete", at: "\(selection.path), pair \(pair)",
                    expected: "one demonstration of kind clean and at least one of another kind, all of one source",
                    found: "\(clean) clean of \(members.count), sources \(sources.joined(separator: ", "))")
            }
        }
        return DistractorPairs(set: set, members: members)
    }

    private static func member(_ index: Int, _ episode: Episode, _ group: HDF5Group) throws -> Member {
        guard episode.length == 1 else {
            throw failure(
                "a demonstration of a pair has more than one step", at: group.location, expected: "1 step",
                found: "\(episode.length) steps")
        }
        guard let kind = try group.text(attribute: "kind"), let pair = try group.integer(attribute: "pair"),
            let source = try group.text(attribute: "source")
        else {
            throw failure(
                "a demonstration does not say which pair it belongs to", at: group.location,
                expected: "the attributes kind (text), pair (a number) and source (text)", found: "not all of them")
        }
        let parts = source.split(separator: ":")
        guard parts.count == 2, let frame = Int(parts[1]), frame >= 0 else {
            throw failure(
                "the source of a pair is not a frame", at: "\(group.location), attribute source",
                expected: "demonstration:frame, for instance demo_3:17", found: source)
        }
        return Member(episode: index, kind: kind, pair: pair, demonstration: String(parts[0]), frame: frame)
    }

    private static func failure(_ what: String, at location: String, expected: String, found: String) -> Failure {
        Failure(
            .data, what, at: location, expected: expected, found: found,
            remedy: "make the file again, or set probes.distractor_pairs to null")
    }
}
