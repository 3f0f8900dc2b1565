import Basics
import Foundation

/// Files that a user may have meant.
enum NearbyFile {
    /// "did you mean x.yaml?" for a similar name in the same folder, else what is there; nil when there is nothing of the kind.
    static func sentence(for path: String, extensions: [String]) -> String? {
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
