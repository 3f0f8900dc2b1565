import Basics
import Configuration
import Demonstrations
import Foundation
import Networks
import PolicyFolders
import Probes
import Store

/// Everything one study is told, resolved: defaults, then the file, then a profile, then the command line.
public struct Settings: Equatable, Sendable {
    /// Name of the study and of its folder below `results`.
    public var experiment = ""
    /// Root of every random substream: training, split, sampling, probes.
    public var seed = 0
    /// Worker threads. Results do not depend on it.
    public var workers = 2
    public var data = DataSettings()
    public var windows = WindowLayout()
    public var image = ImageSettings()
    public var diffusion = DiffusionSettings()
    public var alt = AltSettings()
    public var behaviourCloning = RegressionSettings()
    public var flowMatching = FlowMatchingSettings()
    public var actionChunking = ActionChunkingSettings()
    public var state = StateSettings()
    public var rules = DecisionRules()
    public var rollouts = RolloutSettings()
    public var manifolds = ManifoldConfiguration()
    public var probes = ProbeSettings()
    /// A policy that was trained elsewhere and is judged in place of one trained here; nil for none.
    public var audit: AuditSettings?

    /// The defaults. A file must still name `experiment` and `data.path`.
    public init() {}
}

/// A study's file.
public typealias ExperimentFile = ConfigurationFile<Settings>

extension Settings: ConfigurationRoot {
    public static var name: String { "experiment" }
    public static var smallest: String { "at least the keys experiment and data.path" }
    public static var overrideExample: String { "diffusion.training.steps=1000" }
    public static var profileExample: String { "diffusion.training.steps: 20" }
    public static var profiles: String { StudyProfiles.yaml }

    /// Of threads; the command line's options have the same.
    public static var workersRule: Rule<Int> { .within(1...1024) }

    public static var fields: [SettingsField<Settings>] {
        [
            SettingsField("experiment", \.experiment, .folderName),
            SettingsField("seed", \.seed, .seed),
            SettingsField("workers", \.workers, workersRule),
            SettingsField(group: "data", \.data),
            SettingsField(group: "windows", \.windows),
            SettingsField(group: "image", \.image),
            SettingsField(group: "diffusion", \.diffusion),
            SettingsField(group: "alt", \.alt),
            SettingsField(group: "behaviour_cloning", \.behaviourCloning),
            SettingsField(group: "flow_matching", \.flowMatching),
            SettingsField(group: "action_chunking", \.actionChunking),
            SettingsField(group: "state", \.state),
            SettingsField(group: "rules", \.rules),
            SettingsField(group: "rollouts", \.rollouts),
            SettingsField(group: "manifolds", \.manifolds),
            SettingsField(group: "probes", \.probes),
            SettingsField(group: "audit", \.audit),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        if experiment.isEmpty {
            throw origins.violation(
                path, "experiment", "experiment is missing", expected: "the name of the study, for instance `experiment: my-study`", found: "no such key")
        }
        if Self.takenNames.contains(experiment) {
            throw origins.violation(
                path, "experiment", expected: "another name: results/\(experiment) holds what is no run", found: experiment)
        }
        try checkSplit(origins, path)
        // Found here rather than after training: so few demonstrations cannot resolve a smaller rate.
        let smallest = 1 / Double(data.split.reference + 1)
        if alt.threshold.method == .calibrated, audit == nil, alt.threshold.falseAlarmRate < smallest {
            throw origins.violation(
                path, "alt.threshold.false_alarm_rate",
                expected: "at least 1 / (data.split.reference + 1) = \(SignificantDigits.shortened(smallest)), what so many demonstrations resolve",
                found: "\(alt.threshold.falseAlarmRate)")
        }
        try checkSizes(origins, path)
        if data.cameras?.isEmpty != true {
            let size = (key: "image.crop", value: image.crop)
            try diffusion.encoder.check(size: size, origins, path + ["diffusion", "encoder"])
            try alt.encoder.network.image.check(size: size, origins, path + ["alt", "encoder"])
            if probes.referenceSize { try checkReferenceSize(origins, path) }
        }
        for (key, unet) in [("diffusion", diffusion.unet), ("state", unet(.state))] { try unet.check(horizon: windows.horizon, "\(key).unet", origins, path) }
    }

    /// Folders below the results that are no experiment's: the store's and the benchmarks'.
    private static let takenNames = [StoreCleaning.storeName, "bench"]

    /// Demonstrations set aside on each side for the largest of `state.sizes`.
    var spareDemonstrations: Int { max(0, (state.sizes.max() ?? 0) - data.split.train) }

    /// The published networks must fit the study's pictures and windows, or they are not timed.
    private func checkReferenceSize(_ origins: SettingsOrigins, _ path: [String]) throws {
        let smallest = (1 << ReferenceSize.encoder.halvings) + 1, multiple = ReferenceSize.unet.horizonMultiple
        guard image.crop < smallest || windows.horizon % multiple != 0 else { return }
        throw origins.violation(
            path, "probes.reference_size",
            expected: "false, or image.crop of at least \(smallest) and windows.horizon a multiple of \(multiple), which the published networks need",
            found: "image.crop \(image.crop), windows.horizon \(windows.horizon)")
    }

    /// An audit's parts are what its policy was trained on and what is left, see `AuditedSplit`.
    private func checkSplit(_ origins: SettingsOrigins, _ path: [String]) throws {
        let split = data.split
        guard audit == nil, split.train != split.reference else { return }
        throw origins.violation(
            path + ["data", "split"], "reference", expected: "\(split.train), as many as split.train, so that the null of the share is one half",
            found: "\(split.reference), with split.train at \(origins.location(of: (path + ["data", "split", "train"]).joined(separator: ".")))")
    }

    /// SHA-256 of the demonstrations that a study reads.
    func dataHash() throws -> String {
        let own = try FileHash.sha256(data.path)
        return try audit?.reference.map { FileHash.sha256(text: "\(own) \(try FileHash.sha256($0))") } ?? own
    }

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

extension Settings {
    /// Checks that every file and folder the settings name is there, before anything runs.
    /// - Throws: `Failure` (`inputMissing`) at the line of the key, with a similar file when there is one.
    public func checkPaths(_ origins: SettingsOrigins) throws {
        if !FileManager.default.fileExists(atPath: data.path), data.generate == nil {
            throw Failure(
                .inputMissing, "the demonstrations' file does not exist", at: origins.location(of: "data.path"),
                expected: "a robomimic HDF5 file, or data.generate saying how to make it", found: data.path,
                remedy: NearbyFile.sentence(for: data.path, extensions: ["hdf5", "h5"]))
        }
        if let kind = FileSystem.kind(data.path), kind != .file {
            throw Failure(
                .data, "the demonstrations' file is \(kind.rawValue)", at: origins.location(of: "data.path"),
                expected: "a robomimic HDF5 file", found: data.path,
                remedy: (kind == .folder ? NearbyFile.sentence(for: data.path + "/data.hdf5", extensions: ["hdf5", "h5"]) : nil) ?? "name a file")
        }
        if let folder = probes.imageFolder {
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
            guard exists, isFolder.boolValue else {
                throw Failure(
                    exists ? .data : .inputMissing, "the image folder \(exists ? "is not a folder" : "does not exist")",
                    at: origins.location(of: "probes.image_folder"), expected: "a folder of PNG files", found: folder,
                    remedy: "check the path (relative paths start at the current folder)")
            }
        }
        let files = probes.frameFiles.map { ("probes.\($0.key)", $0.path) } + (audit?.reference.map { [("audit.reference", $0)] } ?? [])
        for (key, file) in files where FileSystem.kind(file) != .file {
            let kind = FileSystem.kind(file)
            throw Failure(
                kind == nil ? .inputMissing : .data, "a file of other frames \(kind.map { "is \($0.rawValue)" } ?? "does not exist")",
                at: origins.location(of: key), expected: "a robomimic HDF5 file", found: file,
                remedy: NearbyFile.sentence(for: file, extensions: ["hdf5", "h5"]))
        }
    }
}

extension Settings {
    /// The settings that can reach an answer or a contact sheet, the others at a fixed value: names, places, rules, which
    /// probes are asked and how often is resampled. What lies in a place counts by its content.
    var ofAnswers: Settings {
        var settings = ofProbes
        let defaults = ProbeSettings()
        (settings.probes.resamples, settings.probes.latencyQueries) = (defaults.resamples, defaults.latencyQueries)
        settings.probes.referenceSize = defaults.referenceSize
        settings.alt.topK = AltSettings().topK
        return settings
    }

    /// The settings that can reach a number of a probe, whatever the rules; what the rollouts are told counts by their stage.
    var ofProbes: Settings {
        var settings = self
        (settings.experiment, settings.data.path, settings.probes.photographs) = ("", "", "")
        settings.workers = Settings().workers
        settings.rules = DecisionRules()
        settings.probes.names = []
        (settings.probes.imageFolder, settings.probes.distractorPairs, settings.probes.otherTask) = (nil, nil, nil)
        settings.rollouts = RolloutSettings()
        settings.audit?.clearPlaces()
        return settings
    }

    /// The first 8 hexadecimal digits of the SHA-256 of the resolved configuration without `seed`, `workers` and `data.path`:
    /// runs that differ only in these, and read the same demonstrations, compare as the same study.
    public func configurationHash() throws -> String {
        var canonical = self
        canonical.seed = Settings().seed
        canonical.workers = Settings().workers
        canonical.data.path = Settings().data.path
        canonical.audit?.clearPlaces()
        return String(FileHash.sha256(text: try canonical.resolvedYAML()).prefix(8))
    }
}
