import Probes

/// Which probes run, and on how much.
public struct ProbeSettings: Equatable, Sendable {
    /// Probes in the order in which they run.
    public var names = ["p00", "p01", "p02", "p03", "p08", "p23"]
    /// Query frames per demonstration, evenly spread.
    public var framesPerDemonstration = 8
    /// Sequences drawn from each policy per observation.
    public var samples = 4
    /// Out-of-distribution images per class.
    public var imagesPerClass = 12
    /// A folder of PNGs of the user's own, asked about as the condition `folder`; nil for none.
    public var imageFolder: String?
    /// Folder of animal photographs; used when it is there.
    public var photographs = "datasets/photographs"
    /// Bootstrap resamples.
    public var resamples = 2000
    /// Queries timed per policy.
    public var latencyQueries = 20

    public init() {}
}

extension ProbeSettings: SettingsGroup {
    static var fields: [SettingsField<ProbeSettings>] {
        [
            SettingsField("names", \.names, Rule.notEmpty.each(count: 1...64)),
            SettingsField("frames_per_demonstration", \.framesPerDemonstration, .within(1...10_000)),
            SettingsField("samples", \.samples, .within(1...1024)),
            SettingsField("images_per_class", \.imagesPerClass, .within(1...10_000)),
            SettingsField("image_folder", \.imageFolder, Rule.notEmpty.ifPresent),
            SettingsField("photographs", \.photographs, .notEmpty),
            SettingsField("resamples", \.resamples, .within(10...1_000_000)),
            SettingsField("latency_queries", \.latencyQueries, .within(1...100_000)),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
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
