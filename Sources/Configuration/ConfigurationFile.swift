import Basics
import Foundation
import Yams

/// The settings of a whole file, with the words that messages about the file use.
public protocol ConfigurationRoot: SettingsGroup {
    /// What the file describes: "experiment".
    static var name: String { get }
    /// What the smallest valid file holds: "at least the keys experiment and data.path".
    static var smallest: String { get }
    /// An override as typed: "diffusion.training.steps=1000".
    static var overrideExample: String { get }
    /// A line of a profile: "diffusion.training.steps: 20".
    static var profileExample: String { get }
    /// Profiles that every file has, as they would stand below its `profiles`; what a file says goes on top.
    static var profiles: String { get }
}

extension ConfigurationRoot {
    public static var profiles: String { "" }
}

/// A file of settings, resolved: defaults, then the file that it says it builds on (`base`), then the file, then one of its
/// profiles, then overrides. A profile of the file's is its base's of the same name with changes.
public struct ConfigurationFile<Settings: ConfigurationRoot>: Sendable {
    public let path: String
    public let settings: Settings
    /// Where each value was written.
    public let origins: SettingsOrigins
    /// The overrides as typed.
    public let overrides: [String]
    /// The names of the profiles that there are: those of every file, then the file's own.
    public let profiles: [String]

    /// The same file with other settings.
    public func with(_ settings: Settings) -> ConfigurationFile {
        ConfigurationFile(path: path, settings: settings, origins: origins, overrides: overrides, profiles: profiles)
    }

    /// The same file with other settings, which must keep the rules as well.
    /// - Throws: `Failure` (`data`) for the first rule that they break.
    public func checked(with settings: Settings) throws -> ConfigurationFile {
        try settings.validateAll(origins, path: [])
        return with(settings)
    }

    /// What stands for a file where there is none.
    private static var commandLine: String { "command line" }

    /// Reads, merges and validates; nothing else is touched.
    /// - Parameters:
    ///   - path: nil where the overrides say everything.
    ///   - profile: a name below the file's `profiles`.
    ///   - overrides: `key.path=value`, the value written as in YAML.
    /// - Throws: `Failure`: `inputMissing` (no file), `data` (content), `usage` (a malformed override or unknown profile).
    public static func load(_ path: String?, profile: String? = nil, overrides: [String] = []) throws -> ConfigurationFile {
        try load(path.map { try FileLayer.all($0, of: Settings.self) } ?? [], path ?? commandLine, profile: profile, overrides: overrides)
    }

    /// The same of a text that stands in another file.
    /// - Parameter place: where it stands, for messages
    public static func load(text: String, from place: String, overrides: [String] = []) throws -> ConfigurationFile {
        try load([FileLayer.text(text, from: place, of: Settings.self)], place, profile: nil, overrides: overrides)
    }

    private static func load(_ layers: [FileLayer], _ path: String, profile: String?, overrides: [String]) throws -> ConfigurationFile {
        var settings = Settings()
        var origins = SettingsOrigins(of: Settings.self)
        for layer in layers { try layer.apply(to: &settings, &origins) }
        let own = layers.flatMap(\.profiles), profiles = Profile.joined(try Profile.builtIn(of: Settings.self) + own)
        for candidate in profiles where own.contains(where: { $0.name == candidate.name }) {
            // A profile that the file names is checked though nobody chose it, so that it cannot rot.
            var trial = settings, trialOrigins = origins
            try candidate.apply(to: &trial, &trialOrigins)
            try trial.validateAll(trialOrigins, path: [])
        }
        if let profile {
            try Profile.named(profile, among: profiles, file: path, of: Settings.self).apply(to: &settings, &origins)
        }
        for text in overrides { try Override(text, of: Settings.self).apply(to: &settings, &origins) }
        try settings.validateAll(origins, path: [])
        return ConfigurationFile(
            path: path, settings: settings, origins: origins, overrides: overrides, profiles: profiles.map(\.name))
    }
}

/// The nearest known name to a mistyped one.
public enum Suggestion {
    /// The key path to offer for `key`, unknown below `above` where `names` are known: a similar name there, the same
    /// name elsewhere among all the key paths, else the nearest name there.
    static func keyPath(for key: String, above: [String], names: [String], among keyPaths: [[String]]) -> String? {
        let here = NearestName.of(key, among: names)
        let inPlace = here.map { (above + [$0]).joined(separator: ".") }
        if let here, NearestName.distance(key, here) <= max(1, key.count / 3) { return inPlace }
        let elsewhere = keyPaths.first { $0.last == key }
            ?? keyPaths.first { NearestName.distance($0.last ?? "", key) == 1 }
        return elsewhere.map { $0.joined(separator: ".") } ?? inPlace
    }

    public static func sentence(for word: String, among names: [String]) -> String? {
        NearestName.of(word, among: names).map { "did you mean \($0)?" }
    }
}

/// Files that a user may have meant.
public enum NearbyFile {
    /// "did you mean x.yaml?" for a similar name in the same folder, else what is there; nil when there is nothing of the kind.
    public static func sentence(for path: String, extensions: [String]) -> String? {
        let folder = PathName.folder(of: path)
        let shownFolder = folder.isEmpty ? "." : folder
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: shownFolder)
        } catch {
            return FileManager.default.fileExists(atPath: shownFolder)
                ? "check that the folder \(shownFolder) may be read" : "there is no folder \(shownFolder); paths start at the current folder"
        }
        let fitting = names.filter { extensions.contains(PathName.suffix(of: $0)) }.sorted()
        let wanted = PathName.last(of: path)
        guard let nearest = NearestName.of(wanted, among: fitting) else { return nil }
        if NearestName.distance(wanted, nearest) <= max(2, wanted.count / 3) {
            return "did you mean \(folder.isEmpty ? nearest : folder + "/" + nearest)?"
        }
        let shown = fitting.prefix(5).joined(separator: ", ")
        return "the folder \(shownFolder) has \(shown)\(fitting.count > 5 ? " and \(fitting.count - 5) more" : "")"
    }
}
