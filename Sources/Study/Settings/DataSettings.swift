import Configuration
import Demonstrations
import Tabletop

/// Which demonstrations a study reads, and how they are divided.
public struct DataSettings: Equatable, Sendable {
    /// A robomimic HDF5 file, relative to the working folder.
    public var path = ""
    /// How to make `path` when it does not exist; nil when it must exist.
    public var generate: TabletopGenerator.Configuration?
    /// Camera keys in the policy's order; nil for every image in the file; empty for low-dim only.
    public var cameras: [String]?
    /// Low-dim keys in the policy's order; nil for the robot's pose and gripper.
    public var lowDim: [String]?
    /// A name of the file's `/mask` group; nil for every demonstration.
    public var filterKey: String?
    /// At most this many demonstrations, in natural order; nil for all.
    public var demonstrations: Int?
    public var split = SplitConfiguration()

    public init() {}
}

extension DataSettings: SettingsGroup {
    public static var fields: [SettingsField<DataSettings>] {
        [
            SettingsField("path", \.path, .notEmpty),
            SettingsField(group: "generate", \.generate),
            SettingsField("cameras", \.cameras, Rule.notEmpty.each(count: 0...16).ifPresent),
            SettingsField("low_dim", \.lowDim, Rule.notEmpty.each(count: 0...64).ifPresent),
            SettingsField("filter_key", \.filterKey, Rule.notEmpty.ifPresent),
            SettingsField("demonstrations", \.demonstrations, Rule.atLeast(1).ifPresent),
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
