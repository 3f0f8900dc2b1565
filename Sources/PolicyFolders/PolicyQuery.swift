import Basics
import Demonstrations
import Networks
import Policies
import Store

/// One question to a policy in a folder.
public struct PolicyQuery: Sendable {
    /// Of the policy.
    public let folder: String
    public let stored: any StoredPolicy

    /// - Parameters:
    ///   - place: a run's folder, the `policy` folder in it, or a policy's folder
    ///   - name: of a policy in a run's folder; nil for the diffusion policy
    ///   - sampler: nil for the policy's own
    /// - Throws: `Failure` when there is no such policy, or it has no sampler to choose.
    public init(_ place: String, policy name: String? = nil, sampler: DenoisingProcess.Kind? = nil) throws {
        folder = try Self.folder(place, name)
        let stored = try PolicyFolder.read(folder)
        self.stored = try sampler.map { try stored.sampling(by: $0) } ?? stored
    }

    private static func folder(_ place: String, _ name: String?) throws -> String {
        if PolicyFolder.isPolicy(place) {
            guard name == nil else { throw Failure(.usage, "the folder is a policy's already", at: place, expected: "a run's folder with --policy \(name ?? "")", remedy: "leave --policy out") }
            return place
        }
        let parent = ["\(place)/policy", place].first(where: FileSystem.isFolder) ?? place
        let names = FileSystem.isFolder(parent) ? try FileSystem.folders(in: parent).filter(PolicyFolder.isPolicy).map(PathName.last) : []
        if names.isEmpty, name == nil { return place }
        let name = name ?? StoredDiffusion.folder
        guard names.contains(name) else {
            throw Failure(
                .inputMissing, "there is no such policy", at: "\(parent)/\(name)", expected: "a policy's folder",
                found: names.isEmpty ? "none in \(parent)" : names.joined(separator: ", "),
                remedy: names.isEmpty ? "a run writes RUN/policy after its trainings; `alt resume RUN` goes on with it" : "name one of those with --policy")
        }
        return "\(parent)/\(name)"
    }

    /// An observation from a safetensors file, see `ObservationFile`.
    public func observation(_ path: String) throws -> Observation {
        try ObservationFile.read(path, stored.interface.observation, steps: stored.interface.windows.observationSteps)
    }

    /// A frame of a robomimic file with the steps before it.
    /// - Parameters:
    ///   - workers: threads that inflate images
    ///   - progress: demonstrations read, of how many
    /// - Throws: `Failure` when the file is absent or damaged, or has no such frame, or images of other sizes.
    public func observation(_ path: String, demonstration: String, frame: Int, workers: Int, progress: ((Int, Int) -> Void)? = nil) throws -> Observation {
        let keys = stored.interface.observation
        let set = try RobomimicFile.load(DatasetSelection(path: path, cameras: keys.cameras, lowDimKeys: keys.lowDim), workers: workers, progress: progress)
        let found = ObservedKeys(set)
        guard found == keys else {
            throw Failure(
                .data, "the observations have other shapes than the policy's", at: path, expected: "\(keys.cameraShapes) and widths \(keys.lowDimWidths)",
                found: "\(found.cameraShapes) and widths \(found.lowDimWidths)", remedy: "ask with a file of the cameras and keys that the policy was trained on")
        }
        guard let position = set.episodes.firstIndex(where: { $0.name == demonstration }) else {
            throw Failure(
                .data, "there is no such demonstration", at: "\(path):/data/\(demonstration)", found: NearestName.list(set.episodes.map(\.name), for: demonstration),
                remedy: "name one of those")
        }
        guard (0..<set.episodes[position].length).contains(frame) else {
            throw Failure(
                .data, "there is no such frame", at: "\(path):/data/\(demonstration)", expected: "0 to \(set.episodes[position].length - 1)", found: "\(frame)")
        }
        var observation = set.observation(FrameReference(demonstration: position, frame: frame), steps: stored.interface.windows.observationSteps)
        observation.source = nil
        return observation
    }

    /// What the policy answers, the same for the same seed.
    public struct Answer: Encodable, Sendable {
        public struct Match: Encodable, Sendable {
            public let demonstration: String
            public let frame: Int
            /// Cosine, or of a table with a pose the negative distance.
            public let similarity: Double
        }

        /// Its folder, and how it answers.
        public let policy: String, manner: String
        /// Of the noise; none for a policy that draws none.
        public let seed: Int?
        /// [samples][horizon][action], raw units; of a lookup table the best first.
        public let actionSequences: [[[Float]]]
        /// Steps of a sequence to carry out: the first, and how many.
        public let executeFrom: Int, executeSteps: Int
        /// The training frames that the sequences are of; none for a policy that recalls none.
        public let matches: [Match]?
        /// Nil for a policy without a monitor.
        public let outOfDistribution: Bool?
    }

    /// - Parameters:
    ///   - samples: sequences asked for; of a lookup table at most its rows
    ///   - seed: nil for 0
    /// - Throws: `Failure` when the policy cannot be read, has no so many answers or no use for a seed, or answers what is no number.
    public func answer(_ observation: Observation, samples: Int, seed: Int? = nil, pool: WorkerPool) throws -> Answer {
        let policy = try stored.policy(from: folder, pool: pool), rows = (policy as? ActionLookupTable)?.rowCount ?? .max
        guard (1...rows).contains(samples) else {
            throw Failure(.usage, "the policy has no so many answers", at: folder, expected: "1 to \(rows)", found: "\(samples)")
        }
        guard seed == nil || policy.isStochastic, (seed ?? 0) >= 0 else {
            throw Failure(.usage, "the policy has no use for this seed", at: folder, expected: policy.isStochastic ? "0 or more" : "none: it draws nothing", found: "\(seed ?? 0)")
        }
        let answers = try policy.predict([observation], samples: samples, seed: Seed(UInt64(seed ?? 0)))[0]
        guard answers.allSatisfy({ $0.actions.allSatisfy(\.isFinite) && $0.match?.similarity.isFinite ?? true }) else {
            throw Failure(
                .data, "the policy answers what is no number", at: folder, expected: "finite actions",
                remedy: "look at the observation's values: the policy's config.json and its run say what it was trained on")
        }
        let horizon = stored.interface.windows.horizon
        let matches = answers.compactMap(\.match).map {
            Answer.Match(demonstration: stored.demonstrations[$0.frame.demonstration], frame: $0.frame.frame, similarity: $0.similarity)
        }
        return Answer(
            policy: folder, manner: stored.manner, seed: policy.isStochastic ? seed ?? 0 : nil,
            actionSequences: answers.map { answer in
                let width = answer.actions.count / horizon
                return (0..<horizon).map { Array(answer.actions[$0 * width..<($0 + 1) * width]) }
            }, executeFrom: stored.interface.windows.observationSteps - 1, executeSteps: stored.interface.windows.executedSteps,
            matches: matches.isEmpty ? nil : matches, outOfDistribution: answers.first?.isOutOfDistribution)
    }
}
