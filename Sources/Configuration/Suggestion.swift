import Basics
import Foundation

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
            return "the folder \(shownFolder) cannot be listed: \(error.localizedDescription)"
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
