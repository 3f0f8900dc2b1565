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
            SettingsField(group: "probes", \.probes),
        ]
    }

    func validate(_ origins: SettingsOrigins, path: [String]) throws {
        if experiment.isEmpty {
            throw origins.violation(
                path, "experiment", "experiment is missing", expected: "the name of the study, for instance `experiment: my-study`", found: "no such key")
        }
        // Found here rather than after training: so few demonstrations cannot resolve a smaller rate.
        let smallest = 1 / Double(data.split.train + 1)
        if alt.threshold.method == .calibrated, alt.threshold.falseAlarmRate < smallest {
            throw origins.violation(
                path, "alt.threshold.false_alarm_rate",
                expected: "at least 1 / (data.split.train + 1) = \(SignificantDigits.shortened(smallest)), what leaving one demonstration out resolves",
                found: "\(alt.threshold.falseAlarmRate)")
        }
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
}
