import Configuration
import Demonstrations
import Probes
import Tabletop

/// Which probes run, and on how much.
public struct ProbeSettings: Equatable, Sendable {
    /// Probes in the order in which they run.
    public var names = AllProbes.all.map(\.name)
    /// Conditions that are asked about beside recorded frames; nil for all that the study has.
    public var conditions: [String]?
    /// Query frames per demonstration, evenly spread.
    public var framesPerDemonstration = 6
    /// At most so many recorded frames of each kind, evenly spread over the demonstrations; nil for no bound.
    public var mostFrames: Int?
    /// Sequences drawn from each policy per observation.
    public var samples = 4
    /// Out-of-distribution images per class.
    public var imagesPerClass = 48
    /// Pairs of demonstrations whose image and pose are mixed.
    public var mixtures = 48
    /// A folder of PNGs of the user's own, asked about as the condition `folder`; nil for none.
    public var imageFolder: String?
    /// A robomimic file of frames in pairs, one of each with distractors, asked about as `pairs_clean` and `pairs_<kind>`;
    /// nil for none.
    public var distractorPairs: String?
    /// A robomimic file of another task seen by the same cameras, asked about as `other_task`; nil for none, or, with
    /// the embedded simulator's data, for its own.
    public var otherTask: String?
    /// Folder of animal photographs; used when it is there.
    public var photographs = "datasets/photographs"
    /// Kernel width of the exact denoiser as a policy, in median distances between nearest training observations of
    /// different demonstrations: far below 1 is pure memorisation.
    public var exactBandwidth = 0.01
    /// Bootstrap resamples.
    public var resamples = 2000
    /// Queries timed per policy.
    public var latencyQueries = 20
    /// Whether queries are also timed at the size of the published networks, untrained: 1.2 GB of weights for a minute or two.
    public var referenceSize = true

    public init() {}
}

extension ProbeSettings: SettingsGroup {
    public static var fields: [SettingsField<ProbeSettings>] {
        [
            SettingsField("names", \.names, Rule.notEmpty.each(count: 1...64)),
            SettingsField("conditions", \.conditions, Rule.notEmpty.each(count: 0...256).ifPresent),
            SettingsField("frames_per_demonstration", \.framesPerDemonstration, .within(1...10_000)),
            SettingsField("most_frames", \.mostFrames, Rule.count(from: 1).ifPresent),
            SettingsField("samples", \.samples, .within(1...1024)),
            SettingsField("images_per_class", \.imagesPerClass, .within(1...10_000)),
            SettingsField("mixtures", \.mixtures, .within(1...10_000)),
            SettingsField("image_folder", \.imageFolder, Rule.notEmpty.ifPresent),
            SettingsField("distractor_pairs", \.distractorPairs, Rule.notEmpty.ifPresent),
            SettingsField("other_task", \.otherTask, Rule.notEmpty.ifPresent),
            SettingsField("photographs", \.photographs, .notEmpty),
            SettingsField("exact_bandwidth", \.exactBandwidth, .above(0)),
            SettingsField("resamples", \.resamples, .within(10...1_000_000)),
            SettingsField("latency_queries", \.latencyQueries, .within(1...100_000)),
            SettingsField("reference_size", \.referenceSize),
        ]
    }

    /// The files of other frames by their keys.
    var frameFiles: [(key: String, path: String)] {
        [("distractor_pairs", distractorPairs), ("other_task", otherTask)].compactMap { key, path in path.map { (key, $0) } }
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        guard Set(names).count == names.count else {
            throw origins.violation(path, "names", expected: "every probe once", found: names.shown)
        }
        let known = AllProbes.all.map(\.name)
        guard let unknown = names.first(where: { !known.contains($0) }) else { return }
        throw origins.violation(
            path, "names", "there is no such probe", expected: "one of \(known.joined(separator: ", "))", found: unknown,
            remedy: Suggestion.sentence(for: unknown, among: known))
    }
}

/// Which demonstrations a study reads, and how they are divided.
public struct DataSettings: Equatable, Sendable {
    /// A robomimic HDF5 file, relative to the working folder.
    public var path = ""
    /// How to make `path` when it does not exist; nil when it must exist.
    public var generate: TabletopGenerator.Configuration?
    /// Camera keys in the policy's order; nil for every key of 8-bit RGB images; empty for low-dim only.
    public var cameras: [String]?
    /// Low-dim keys in the policy's order; nil for the robot's pose and gripper.
    public var lowDim: [String]?
    /// A name of the file's `/mask` group; nil for every demonstration.
    public var filterKey: String?
    /// At most this many demonstrations, in natural order; nil for all.
    public var demonstrations: Int?
    public var split = SplitConfiguration()

    public init() {}

    /// What of the file is loaded.
    var selection: DatasetSelection {
        DatasetSelection(path: path, cameras: cameras, lowDimKeys: lowDim, filterKey: filterKey, limit: demonstrations)
    }
}

extension DataSettings: SettingsGroup {
    public static var fields: [SettingsField<DataSettings>] {
        [
            SettingsField("path", \.path, .notEmpty),
            SettingsField(group: "generate", \.generate),
            SettingsField("cameras", \.cameras, Rule.notEmpty.each(count: 0...16).ifPresent),
            SettingsField("low_dim", \.lowDim, Rule.notEmpty.each(count: 0...64).ifPresent),
            SettingsField("filter_key", \.filterKey, Rule.notEmpty.ifPresent),
            SettingsField("demonstrations", \.demonstrations, Rule.count(from: 1).ifPresent),
            SettingsField(group: "split", \.split),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path keys: [String]) throws {
        if path.isEmpty {
            throw origins.violation(
                keys, "path", "data.path is missing", expected: "a robomimic HDF5 file, for instance `data: {path: datasets/lift.hdf5}`",
                found: "no such key")
        }
        if cameras?.isEmpty == true && lowDim?.isEmpty == true {
            throw origins.violation(keys, "cameras", expected: "at least one camera or low-dim key", found: "both lists empty")
        }
        for (key, names) in [("cameras", cameras), ("low_dim", lowDim)] {
            guard let names, Set(names).count != names.count else { continue }
            throw origins.violation(keys, key, expected: "every name once", found: names.shown)
        }
        let needed = split.train + split.reference + 1
        if let demonstrations, demonstrations < needed {
            throw origins.violation(
                keys, "demonstrations",
                expected: "at least \(needed): split.train \(split.train) + split.reference \(split.reference) + 1 to ask about",
                found: "\(demonstrations)")
        }
        if let generate, generate.demonstrations < needed {
            throw origins.violation(
                keys + ["generate"], "demonstrations",
                expected: "at least \(needed): split.train \(split.train) + split.reference \(split.reference) + 1 to ask about",
                found: "\(generate.demonstrations)")
        }
    }
}

/// What the image encoders are given.
public struct ImageSettings: Equatable, Sendable {
    /// Side of the square cut from each image, in pixels: at random in training, centred otherwise.
    public var crop = 76

    public init() {}
}

extension ImageSettings: SettingsGroup {
    public static var fields: [SettingsField<ImageSettings>] { [SettingsField("crop", \.crop, .within(16...1024))] }
}
