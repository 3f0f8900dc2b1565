import Basics
import Configuration
import Demonstrations
import Foundation

/// What `TabletopGenerator` made.
public struct GeneratedDemonstrations: Sendable {
    public var episodes: [RecordedEpisode]
    /// `env_args` of the file: JSON.
    public var environment: String
    /// Attempts of the expert that failed and were drawn again.
    public var rejectedAttempts: Int
}

/// Demonstrations by the scripted expert, rendered by both cameras or low-dim alone.
public enum TabletopGenerator {
    /// Side of a picture, as in robomimic's files.
    public static let imageSize = 84

    /// The tasks there are.
    public static let tasks: [any TabletopTask] = [LiftTask(), LiftTask.wide, PlaceTask(), DetourTask()]

    /// - Throws: `Failure` of kind `usage` when there is no such task.
    public static func task(named name: String) throws -> any TabletopTask {
        guard let task = tasks.first(where: { $0.name == name }) else {
            throw Failure(
                .usage, "there is no tabletop task of this name", at: name,
                expected: tasks.map(\.name).joined(separator: ", "), found: name, remedy: "choose one of the tasks listed")
        }
        return task
    }

    /// Makes `settings.demonstrations` successful episodes. Demonstration i depends on the other settings and i alone, so
    /// more demonstrations begin with the same ones, and any number of `workers` gives the same bytes.
    ///
    /// - Parameters:
    ///   - imageSize: Side of both cameras' square pictures, pixels; nil for none.
    ///   - progress: Called with the demonstrations done and the total; from any thread, one call at a time.
    /// - Throws: `Failure`: `usage` for an unknown task or a count below 1, `defect` when the expert fails 50 times
    ///   in a row.
    public static func generate(
        _ settings: Configuration, workers: Int, imageSize: Int? = imageSize, progress: (@Sendable (Int, Int) -> Void)? = nil
    ) throws -> GeneratedDemonstrations {
        let task = try task(named: settings.task), demonstrations = settings.demonstrations
        guard demonstrations > 0, imageSize.map({ $0 > 0 }) ?? true, workers > 0 else {
            throw Failure(
                .usage, "cannot generate demonstrations",
                expected: "demonstrations, image size and workers of at least 1",
                found: "\(demonstrations) demonstrations, image size \(imageSize.map(String.init) ?? "none"), \(workers) workers")
        }
        let made = Made(count: demonstrations, progress: progress)
        WorkerPool(workers: workers).run(lanes: min(workers, demonstrations)) { _, _ in
            let recorder = EpisodeRecorder(
                task: task, options: ExpertOptions(noise: settings.expertNoise, missShare: settings.missShare))
            var renderer = imageSize.map { TabletopRenderer(fixtures: task.fixtures, width: $0, height: $0) }
            while let index = made.nextIndex() {
                let root = Seed(UInt64(settings.seed)) / "tabletop" / task.name / index
                let placement = settings.starts.placement(index, in: task.startRegion, seed: root)
                for attempt in 0..<attemptLimit {
                    guard let (states, actions) = recorder.attempt(placement, seed: root / attempt) else { continue }
                    made.finish(
                        index, recorder.record(states: states, actions: actions, renderer: &renderer), rejected: attempt)
                    break
                }
            }
        }
        let (episodes, rejected) = made.result
        guard episodes.count == demonstrations else {
            throw Failure(
                .defect, "the expert failed \(attemptLimit) times in a row", at: "task \(task.name), seed \(settings.seed)",
                expected: "\(demonstrations) demonstrations", found: "\(episodes.count)", remedy: "report this defect")
        }
        return GeneratedDemonstrations(
            episodes: episodes, environment: try environment(of: task, imageSize: imageSize), rejectedAttempts: rejected)
    }

    /// The same with the other settings at their defaults.
    public static func generate(
        task name: String, demonstrations: Int, seed: Int, workers: Int, imageSize: Int = imageSize,
        progress: (@Sendable (Int, Int) -> Void)? = nil
    ) throws -> GeneratedDemonstrations {
        let settings = Configuration {
            ($0.task, $0.demonstrations, $0.seed) = (name, demonstrations, seed)
        }
        return try generate(settings, workers: workers, imageSize: imageSize, progress: progress)
    }

    static let attemptLimit = 50

    /// `env_args` in robosuite's form. `env_name` begins with "Tabletop" and `type` is 1 so that robomimic's readers
    /// accept it, but the simulator is this package's own: robosuite cannot build it.
    static func environment(of task: any TabletopTask, imageSize: Int?) throws -> String {
        let cameras = imageSize == nil ? [] : TabletopCamera.allCases
        let description: [String: Any] = [
            "env_name": task.environmentName, "env_version": "1", "type": 1,
            "env_kwargs": [
                "simulator": "tabletop", "control_freq": Int(TabletopSimulator.controlFrequency),
                "camera_names": cameras.map(\.rawValue), "camera_heights": imageSize ?? 0, "camera_widths": imageSize ?? 0,
                "controller_configs": [
                    "type": "OSC_POSE", "control_delta": true,
                    "output_max": Array(repeating: TabletopSimulator.positionScale, count: 3)
                        + Array(repeating: TabletopSimulator.rotationScale, count: 3),
                ],
            ],
        ]
        let data = try JSONSerialization.data(withJSONObject: description, options: [.prettyPrinted, .sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }

    /// Results of the workers under one lock.
    private final class Made: @unchecked Sendable {
        private let lock = NSLock()
        private var next = 0
        private var episodes: [RecordedEpisode?]
        private var rejected = 0
        private var done = 0
        private let progress: (@Sendable (Int, Int) -> Void)?

        init(count: Int, progress: (@Sendable (Int, Int) -> Void)?) {
            episodes = Array(repeating: nil, count: count)
            self.progress = progress
        }

        func nextIndex() -> Int? {
            lock.withLock {
                guard next < episodes.count else { return nil }
                defer { next += 1 }
                return next
            }
        }

        func finish(_ index: Int, _ episode: RecordedEpisode, rejected attempts: Int) {
            lock.withLock {
                episodes[index] = episode
                rejected += attempts
                done += 1
                progress?(done, episodes.count)
            }
        }

        var result: ([RecordedEpisode], Int) { lock.withLock { (episodes.compactMap { $0 }, rejected) } }
    }
}

extension TabletopGenerator {
    /// Which demonstrations the embedded simulator makes.
    public struct Configuration: Equatable, Sendable {
        /// A task of the embedded simulator.
        public var task = "lift"
        public var demonstrations = 96
        /// Seed of the simulator, apart from a study's seed: several studies may share one file.
        public var seed = 0
        /// Where the object starts.
        public var starts = StartLayout.continuous
        /// Factor on the expert's noise and variation of style; see `ExpertStyle.init`.
        public var expertNoise = 1.0
        /// Share of demonstrations whose first grasp misses and is repeated.
        public var missShare = 0.0

        public init() {}
    }
}

extension TabletopGenerator.Configuration: SettingsGroup {
    public static var demonstrationsRule: Rule<Int> { .within(1...100_000) }

    public static var fields: [SettingsField<TabletopGenerator.Configuration>] {
        [
            SettingsField("task", \.task, .notEmpty),
            SettingsField("demonstrations", \.demonstrations, demonstrationsRule),
            SettingsField("seed", \.seed, .seed),
            SettingsField("starts", \.starts),
            SettingsField("expert_noise", \.expertNoise, .within(0...2)),
            SettingsField("miss_share", \.missShare, .within(0...1)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        let known = TabletopGenerator.tasks.map(\.name)
        guard !known.contains(task) else { return }
        throw origins.violation(
            path, "task", expected: "one of \(known.joined(separator: ", "))", found: task,
            remedy: Suggestion.sentence(for: task, among: known))
    }
}
