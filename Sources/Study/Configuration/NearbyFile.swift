import Basics
import Foundation

/// Files that a user may have meant.
enum NearbyFile {
    /// "did you mean x.yaml?" from the same folder; nil when it holds nothing of the kind.
    static func sentence(for path: String, extensions: [String]) -> String? {
        let folder = (path as NSString).deletingLastPathComponent
        let shownFolder = folder.isEmpty ? "." : folder
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: shownFolder)
        } catch {
            return "the folder \(shownFolder) cannot be listed: \(error.localizedDescription)"
        }
        let fitting = names.filter { extensions.contains(($0 as NSString).pathExtension) }.sorted()
        let wanted = (path as NSString).lastPathComponent
        return NearestName.of(wanted, among: fitting).map { nearest in
            "did you mean \(folder.isEmpty ? nearest : folder + "/" + nearest)?"
        }
    }
}
