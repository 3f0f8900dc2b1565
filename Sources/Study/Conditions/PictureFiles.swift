import Basics
import Demonstrations
import Images
import Probes

/// What a study asks about beside its own demonstrations and drawings, read before anything is trained, so that a broken
/// file is found before the training and not after it.
struct PictureFiles: Sendable {
    /// One condition's photographs.
    struct Folder: Sendable {
        let condition: Condition
        /// Those that are asked about, as the cameras would show them. [picture][camera]
        let pictures: [[RGBImage]]
        /// Pictures in the folder.
        let count: Int
    }

    /// The photographs found below `probes.photographs`, one condition a subfolder, and the user's own folder.
    private(set) var photographs: [Folder] = []
    /// Frames of `probes.other_task`; nil without such a file. [frame][camera]
    private(set) var otherTask: [[RGBImage]]?
    /// Nil without `probes.distractor_pairs`.
    private(set) var pairs: HeldOutPairs?

    /// Nothing.
    init() {}

    /// - Throws: `Failure` naming the folder, picture or file that cannot be read, or a file that lacks a camera or a
    ///   low-dim key of the study, or has them of another width.
    init(_ settings: Settings, for data: StudyData) throws {
        guard !data.set.cameras.isEmpty else { return }
        let cameras = data.set.cameras
        photographs = try Self.folders(settings.probes).map { condition, path in
            let pictures = try ImageFolder.load(path) { picture in cameras.map { picture.contained(width: $0.width, height: $0.height) } }
            // Evenly spread over the folder's order, so that one series of similar pictures does not fill the class.
            let count = min(settings.probes.imagesPerClass, pictures.count)
            return Folder(
                condition: condition, pictures: (0..<count).map { pictures[$0 * pictures.count / count].image }, count: pictures.count)
        }
        otherTask = try settings.probes.otherTask.map { try Self.frames(of: $0, settings, for: data) }
        pairs = try HeldOutPairs(settings, for: data)
    }

    /// Condition and folder: each subfolder of `photographs` that exists, as `photograph_<subfolder>`, and
    /// the user's `image_folder` as `folder`.
    static func folders(_ settings: ProbeSettings) throws -> [(condition: Condition, path: String)] {
        var result: [(condition: Condition, path: String)] = []
        if FileSystem.exists(settings.photographs) {
            for name in try FileSystem.list(settings.photographs) {
                let path = settings.photographs + "/" + name
                if FileSystem.isFolder(path), try FileSystem.list(path).contains(where: { $0.hasSuffix(".png") }) {
                    result.append((.photographs(of: name), path))
                }
            }
        }
        if let folder = settings.imageFolder { result.append((Condition("folder"), folder)) }
        return result
    }

    /// Spread over the first demonstrations of the file and over their length. [frame][camera]
    private static func frames(
        of path: String, _ settings: Settings, for data: StudyData
    ) throws -> [[RGBImage]] {
        let count = settings.probes.imagesPerClass
        let other = try RobomimicFile.load(
            DatasetSelection(
                path: path, cameras: data.set.cameras.map(\.key), lowDimKeys: data.set.lowDimKeys.map(\.key), limit: count),
            workers: settings.workers)
        try data.set.checkWidths(of: other)
        return (0..<count).map { index in
            let demonstration = index % other.episodes.count
            let place = (2 * index + 1) * other.episodes[demonstration].length / (2 * count)
            let frame = FrameReference(demonstration: demonstration, frame: place)
            return data.set.cameras.enumerated().map {
                other.image(frame, camera: $0).fitted(width: $1.width, height: $1.height)
            }
        }
    }
}
