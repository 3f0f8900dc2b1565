import Basics
import Probes

/// Everything one study is told, resolved: defaults, then the file, then a profile, then the command line.
public struct Settings: Equatable, Sendable {
    /// Name of the study and of its folder below `results`.
    public var experiment = ""
    /// Root of every random substream: training, split, sampling, probes.
    public var seed = 0
    /// Worker threads. Results do not depend on it.
    public var workers = 2
    public var data = DataSettings()
    public var windows = WindowSettings()
    public var image = ImageSettings()
    public var diffusion = DiffusionSettings()
    public var alt = AltSettings()
    public var behaviourCloning = RegressionSettings()
    public var state = StateSettings()
    public var rules = DecisionRules()
    public var manifolds = ManifoldSettings()
    public var probes = ProbeSettings()

    /// The defaults. A file must still name `experiment` and `data.path`.
    public init() {}
}

extension Settings: SettingsGroup {
    static var fields: [SettingsField<Settings>] {
        [
            SettingsField("experiment", \.experiment, .folderName),
            SettingsField("seed", \.seed, .atLeast(0)),
            SettingsField("workers", \.workers, .within(1...1024)),
            SettingsField(group: "data", \.data),
            SettingsField(group: "windows", \.windows),
            SettingsField(group: "image", \.image),
            SettingsField(group: "diffusion", \.diffusion),
            SettingsField(group: "alt", \.alt),
            SettingsField(group: "behaviour_cloning", \.behaviourCloning),
            SettingsField(group: "state", \.state),
            SettingsField(group: "rules", \.rules),
            SettingsField(group: "manifolds", \.manifolds),
            SettingsField(group: "probes", \.probes),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        if experiment.isEmpty {
            throw origins.violation(
                path, "experiment", "experiment is missing", expected: "the name of the study, for instance `experiment: my-study`", found: "no such key")
        }
        // Found here rather than after training: so few demonstrations cannot resolve a smaller rate.
        let smallest = 1 / Double(data.split.reference + 1)
        if alt.threshold.method == .calibrated, alt.threshold.falseAlarmRate < smallest {
            throw origins.violation(
                path, "alt.threshold.false_alarm_rate",
                expected: "at least 1 / (data.split.reference + 1) = \(SignificantDigits.shortened(smallest)), what so many demonstrations resolve",
                found: "\(alt.threshold.falseAlarmRate)")
        }
        try checkSizes(origins, path)
        if data.cameras?.isEmpty != true {
            try EncoderChannels.checkDepth(
                diffusion.encoder.channels, poolsAfterStem: diffusion.encoder.variant == .resnet18, crop: image.crop,
                origins, path + ["diffusion", "encoder"])
            try EncoderChannels.checkDepth(
                alt.encoder.channels, poolsAfterStem: false, crop: image.crop, origins, path + ["alt", "encoder"])
        }
        let depth = diffusion.unet.downDims.count - 1
        if windows.horizon % (1 << depth) != 0 {
            throw origins.violation(
                path, "windows.horizon",
                expected: "a multiple of \(1 << depth), because diffusion.unet.down_dims halves the horizon \(depth) times",
                found: "\(windows.horizon)")
        }
    }

    /// Demonstrations set aside on each side for the largest of `state.sizes`.
    var spareDemonstrations: Int { max(0, (state.sizes.max() ?? 0) - data.split.train) }

    private func checkSizes(_ origins: SettingsOrigins, _ path: [String]) throws {
        if state.sizes.contains(data.split.train) {
            throw origins.violation(
                path, "state.sizes", expected: "numbers other than data.split.train, which is there anyway",
                found: state.sizes.shown)
        }
        let needed = data.split.train + data.split.reference + 2 * spareDemonstrations + 1
        for (key, count) in [("data.demonstrations", data.demonstrations), ("data.generate.demonstrations", data.generate?.demonstrations)] {
            guard let count, count < needed else { continue }
            throw origins.violation(
                path, key,
                expected: "at least \(needed): split.train + split.reference + twice what state.sizes adds (\(spareDemonstrations)) + 1 to ask about",
                found: "\(count)", remedy: "lower state.sizes, data.split.train and data.split.reference")
        }
    }
}
