import Basics
import Foundation

/// A folder of PNG pictures.
public enum ImageFolder {
    /// Every `*.png` directly inside `path`, sorted by name. Other files are left alone.
    /// - Throws: `Failure`: `inputMissing` when there is no such folder, `data` when it holds no PNG or one that
    ///   cannot be decoded (the message names it), `inputOutput` when it cannot be listed.
    public static func load(_ path: String, background: RGBColor = .white) throws -> [(name: String, image: RGBImage)] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw Failure(
                .inputMissing, "there is no such folder of pictures", at: path, expected: "a folder with PNG files",
                found: FileManager.default.fileExists(atPath: path) ? "a file" : "nothing", remedy: "check the path")
        }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw Failure(
                .inputOutput, "cannot list a folder", at: path, found: error.localizedDescription,
                remedy: "check that you may read it")
        }
        let pictures = names.filter { $0.lowercased().hasSuffix(".png") && !$0.hasPrefix(".") }.sorted()
        guard !pictures.isEmpty else {
            throw Failure(
                .data, "a folder holds no PNG pictures", at: path, expected: "at least one *.png",
                found: "\(names.count) other files", remedy: "put PNG files into it (JPEG is not read)")
        }
        return try pictures.map { ($0, try RGBImage(png: path + "/" + $0, background: background)) }
    }
}
