import Configuration
import Probes

/// Which probes run, and on how much.
public struct ProbeSettings: Equatable, Sendable {
    /// Probes in the order in which they run.
    public var names = AllProbes.all.map(\.name)
    /// Query frames per demonstration, evenly spread.
    public var framesPerDemonstration = 8
    /// Sequences drawn from each policy per observation.
    public var samples = 4
    /// Out-of-distribution images per class.
    public var imagesPerClass = 12
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

    public init() {}
}

extension ProbeSettings: SettingsGroup {
    public static var fields: [SettingsField<ProbeSettings>] {
        [
            SettingsField("names", \.names, Rule.notEmpty.each(count: 1...64)),
            SettingsField("frames_per_demonstration", \.framesPerDemonstration, .within(1...10_000)),
            SettingsField("samples", \.samples, .within(1...1024)),
            SettingsField("images_per_class", \.imagesPerClass, .within(1...10_000)),
            SettingsField("image_folder", \.imageFolder, Rule.notEmpty.ifPresent),
            SettingsField("distractor_pairs", \.distractorPairs, Rule.notEmpty.ifPresent),
            SettingsField("other_task", \.otherTask, Rule.notEmpty.ifPresent),
            SettingsField("photographs", \.photographs, .notEmpty),
            SettingsField("exact_bandwidth", \.exactBandwidth, .above(0)),
            SettingsField("resamples", \.resamples, .within(10...1_000_000)),
            SettingsField("latency_queries", \.latencyQueries, .within(1...100_000)),
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
