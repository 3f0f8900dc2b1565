import Basics
import Foundation
import Images

/// Observations that a policy elsewhere is to be asked about, as an HDF5 file under robomimic's key names:
///
///     /obs/<key>            images uint8 [questions, steps, H, W, 3], low-dim values float64 [questions, steps, width], oldest step first
///     /question/id          of the observation's content and its draws, by which an answer is found again
///     /question/condition   what the observation is one of
///     /question/seed        int64 of its own, for a program that seeds its draws
///     /question/noise       float64 [questions, samples, horizon, action], standard normal: a policy that begins with noise may begin with
///                           this, so that it answers the same again
///     attributes of /       README (what to fill in), config (the study's settings, YAML), samples, horizon, action_dimension
public enum QuestionFile {
    /// One observation that is asked about.
    public struct Question: Sendable {
        public let id: String
        public let condition: String
        public let observation: Observation
        public let seed: Seed
        /// [samples, horizon, action]
        public let noise: [Float]

        public init(id: String, condition: String, observation: Observation, seed: Seed, noise: [Float]) {
            self.id = id
            self.condition = condition
            self.observation = observation
            self.seed = seed
            self.noise = noise
        }
    }

    /// What stands beside the questions.
    public struct Head: Sendable, Equatable {
        public var readme = ""
        /// Settings of the study that asks, YAML.
        public var configuration = ""
        /// Answers wanted of a policy that draws, and the shape of one.
        public var samples = 1, horizon = 1, actionDimension = 1

        public init() {}
    }

    static let readme = "README", configuration = "config", samples = "samples", horizon = "horizon", dimension = "action_dimension"

    /// Writes the file whole; equal questions give equal bytes.
    /// - Parameter set: names and shapes of what is observed
    /// - Throws: `Failure` when the file cannot be written.
    public static func write(_ questions: [Question], _ head: Head, keysOf set: DemonstrationSet, to path: String) throws {
        let file = try HDF5MemoryFile(for: path), count = questions.count
        for (name, text) in [(readme, head.readme), (configuration, head.configuration)] { try file.setAttribute(name, text, of: "/") }
        for (name, value) in [(samples, head.samples), (horizon, head.horizon), (dimension, head.actionDimension)] {
            try file.setAttribute(name, value, of: "/")
        }
        let steps = questions.first?.observation.lowDim.count ?? 0
        var made: Set<String> = []
        /// Keys inside nested groups are written as paths.
        func makeGroups(above name: String) throws {
            let parts = name.split(separator: "/").dropLast()
            for end in parts.indices {
                let group = parts[...end].joined(separator: "/")
                if made.insert(group).inserted { try file.makeGroup(group) }
            }
        }
        for (index, camera) in set.cameras.enumerated() {
            try makeGroups(above: "obs/\(camera.key)")
            let pixels = questions.flatMap { $0.observation.images.flatMap { $0[index].pixels } }
            try file.write(pixels, shape: [count, steps, camera.height, camera.width, 3], compressed: true, to: "obs/\(camera.key)")
        }
        var column = 0
        for key in set.lowDimKeys {
            try makeGroups(above: "obs/\(key.key)")
            let values = questions.flatMap { $0.observation.lowDim.flatMap { $0[column..<column + key.width].map(Double.init) } }
            try file.write(values, shape: [count, steps, key.width], to: "obs/\(key.key)")
            column += key.width
        }
        try file.makeGroup("question")
        try file.write(questions.map(\.id), to: "question/id")
        try file.write(questions.map(\.condition), to: "question/condition")
        try file.write(questions.map { Int64(bitPattern: $0.seed.value) }, shape: [count], to: "question/seed")
        try file.write(
            questions.flatMap { $0.noise.map(Double.init) }, shape: [count, head.samples, head.horizon, head.actionDimension], to: "question/noise")
        try file.save()
    }

    /// - Returns: what stands beside the questions, and the questions' ids in order.
    /// - Throws: `Failure`: `inputMissing` when there is no such file, `data` when it is no file of questions.
    public static func read(_ path: String) throws -> (head: Head, ids: [String]) {
        let file = try HDF5File(reading: path), root = try file.root()
        let remedy = "make it with `alt ask`"
        func missing(_ what: String) -> Failure {
            Failure(.data, "this is not a file of questions", at: path, expected: what, found: "no such thing", remedy: remedy)
        }
        var head = Head()
        guard let configuration = try root.text(attribute: Self.configuration) else { throw missing("an attribute \(Self.configuration)") }
        head.configuration = configuration
        head.readme = try root.text(attribute: readme) ?? ""
        for (name, place) in [(samples, \Head.samples), (horizon, \.horizon), (dimension, \.actionDimension)] {
            guard let value = try root.integer(attribute: name), value >= 1 else { throw missing("an attribute \(name) of at least 1") }
            head[keyPath: place] = value
        }
        guard let dataset = try root.group("question")?.dataset("id"), let ids = try dataset.readTexts(), !ids.isEmpty else {
            throw missing("/question/id, one text for each question")
        }
        return (head, ids)
    }
}
