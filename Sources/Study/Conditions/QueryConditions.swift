import Basics
import Configuration
import Demonstrations
import Images
import Probes

/// The conditions of a study, a pure function of settings and data.
struct QueryConditions {
    let data: StudyData
    let settings: Settings
    let files: PictureFiles

    /// In the order of their rungs. Nothing is rendered until a condition's observations are asked for.
    /// - Throws: `Failure` for a recorded state that is not the embedded simulator's.
    func all() throws -> [QueryCondition] {
        guard !data.set.cameras.isEmpty else { return recorded() }
        let others = try shifts() + pairConditions() + [try otherTask()].compactMap { $0 } + foreignPictures() + [pixelShuffled(), shuffledImages()]
        return Self.sorted(recorded() + (try wanted(others)))
    }

    /// Those of `probes.conditions`.
    /// - Throws: `Failure` (`data`) for a name that no condition of the study has.
    private func wanted(_ conditions: [QueryCondition]) throws -> [QueryCondition] {
        guard let names = settings.probes.conditions else { return conditions }
        let known = conditions.map(\.condition.name)
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw Failure(
                .data, "probes.conditions names a condition that this study does not have", at: "probes.conditions",
                expected: known.joined(separator: ", "), found: unknown, remedy: Suggestion.sentence(for: unknown, among: known) ?? "correct the name")
        }
        return conditions.filter { names.contains($0.condition.name) }
    }

    /// What the twins are asked about: recorded frames, and the animals that the claims ask about.
    func ofTwins() -> [QueryCondition] {
        let animals = data.set.cameras.isEmpty ? [] : foreignPictures().filter { Condition.animals.contains($0.condition) }
        return Self.sorted(recorded() + animals)
    }

    /// By rung; within a rung as they are.
    static func sorted(_ conditions: [QueryCondition]) -> [QueryCondition] {
        conditions.enumerated()
            .sorted { ($0.element.rung, $0.offset) < ($1.element.rung, $1.offset) }
            .map(\.element)
    }

    /// Frames as they were recorded, whose true actions are known.
    func recorded() -> [QueryCondition] {
        [frames(.train, .trained, of: data.split.train, windows: data.train)]
            + (data.query.isEmpty ? [] : [frames(.heldout, .heldOut, of: data.split.query, windows: data.query)])
    }

    /// What pictures and shifts are made of: held-out frames; where a policy has seen every demonstration, frames of those.
    var asked: (demonstrations: [Int], windows: [Window]) {
        data.query.isEmpty ? (data.split.train, data.train) : (data.split.query, data.query)
    }

    /// Evenly spread frames of each demonstration that have a window.
    private func frames(
        _ condition: Condition, _ rung: Rung, of demonstrations: [Int], windows: [Window]
    ) -> QueryCondition {
        let wanted = settings.probes.framesPerDemonstration
        let chosen = demonstrations.flatMap { demonstration -> [FrameReference] in
            let own = windows.filter { $0.demonstration == demonstration }
            let count = min(wanted, own.count)
            return (0..<count).map { data.layout.currentFrame(of: own[(2 * $0 + 1) * own.count / (2 * count)]) }
        }
        return altered(condition, rung, of: spread(chosen), hasTruth: true) { _, observation in observation }
    }

    /// At most `probes.most_frames` of them.
    private func spread(_ frames: [FrameReference]) -> [FrameReference] {
        guard let most = settings.probes.mostFrames, most < frames.count else { return frames }
        return (0..<most).map { frames[(2 * $0 + 1) * frames.count / (2 * most)] }
    }

    /// `change` made to the observation at each of `frames`; the unit is the demonstration.
    func altered(
        _ condition: Condition, _ rung: Rung, of frames: [FrameReference], hasTruth: Bool = false,
        _ change: @escaping @Sendable (_ index: Int, _ observation: Observation) -> Observation
    ) -> QueryCondition {
        let (set, steps) = (data.set, data.layout.observationSteps)
        return QueryCondition(
            condition, rung, frames: frames, cluster: frames.map(\.demonstration), unit: "demonstration", hasTruth: hasTruth,
            steps: data.layout.executedSteps
        ) { index, frame in change(index, set.observation(frame, steps: steps)) }
    }

    /// Held-out poses under the images of another held-out demonstration at the same fraction of its length.
    private func shuffledImages() -> QueryCondition {
        let (set, query, steps) = (data.set, asked.demonstrations, data.layout.observationSteps)
        let poses = poses(query.count)
        let others = poses.enumerated().map { index, frame in
            let other = query[(index + 1) % query.count], last = set.episodes[other].length - 1
            let place = frame.frame * last / max(1, set.episodes[frame.demonstration].length - 1)
            return FrameReference(demonstration: other, frame: place)
        }
        return altered(Condition("shuffled_image"), .contradictory, of: poses) { index, observation in
            // As far before the other frame as this observation is before its own.
            let back = poses[index].frame - (observation.source?.frame ?? poses[index].frame)
            let frame = FrameReference(demonstration: others[index].demonstration, frame: max(0, others[index].frame - back))
            var result = observation
            result.images = set.observation(frame, steps: steps).images
            return result
        }
    }

    /// Held-out frames, one a demonstration as far as they go, at places spread over the episodes.
    func poses(_ count: Int) -> [FrameReference] {
        var random = RandomSource(settings.root / "poses")
        let (demonstrations, windows) = asked
        return (0..<count).map { index in
            let demonstration = demonstrations[index % demonstrations.count]
            let own = windows.filter { $0.demonstration == demonstration }
            let choice = own.isEmpty ? windows : own
            let window = choice[random.index(below: choice.count)]
            return data.layout.currentFrame(of: window)
        }
    }
}
