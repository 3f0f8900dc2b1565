import Basics
import Foundation

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
        if FileSystem.isFolder(data.path) {
            throw Failure(
                .data, "the demonstrations' file is a folder", at: origins.location(of: "data.path"),
                expected: "a robomimic HDF5 file", found: data.path,
                remedy: NearbyFile.sentence(for: data.path + "/data.hdf5", extensions: ["hdf5", "h5"]) ?? "name a file")
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
        for (key, file) in probes.frameFiles where !FileSystem.exists(file) || FileSystem.isFolder(file) {
            let isFolder = FileSystem.isFolder(file)
            throw Failure(
                isFolder ? .data : .inputMissing, "a file of other frames \(isFolder ? "is a folder" : "does not exist")",
                at: origins.location(of: "probes.\(key)"), expected: "a robomimic HDF5 file", found: file,
                remedy: NearbyFile.sentence(for: file, extensions: ["hdf5", "h5"]))
        }
    }
}
