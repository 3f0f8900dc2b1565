import Basics
import Foundation

/// Folders of pictures a study asks about beside its own drawings.
enum Photographs {
    /// Name of the condition and folder: each subfolder of `photographs` that exists, as `photograph_<subfolder>`, and
    /// the user's `image_folder` as `folder`.
    static func classes(_ settings: ProbeSettings) throws -> [(name: String, path: String)] {
        var result: [(name: String, path: String)] = []
        if FileSystem.exists(settings.photographs) {
            for name in try FileSystem.list(settings.photographs) {
                let path = settings.photographs + "/" + name
                if FileSystem.isFolder(path), try FileSystem.list(path).contains(where: { $0.hasSuffix(".png") }) {
                    result.append(("photograph_\(name)", path))
                }
            }
        }
        if let folder = settings.imageFolder { result.append(("folder", folder)) }
        return result
    }
}
