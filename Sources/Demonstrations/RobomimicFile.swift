import Basics
import Foundation

/// Reader of robomimic's HDF5 layout.
public enum RobomimicFile {
    /// Loads the chosen demonstrations; every dataset is decoded once, whole, straight into the set's cache.
    /// - Parameters:
    ///   - workers: threads that inflate images; the set does not depend on it.
    ///   - progress: called after each demonstration with the number done and the number chosen.
    /// - Throws: `Failure`: `inputMissing` when there is no such file, `data` for anything wrong in it.
    public static func load(
        _ selection: DatasetSelection, workers: Int = ProcessInfo.processInfo.activeProcessorCount,
        progress: ((Int, Int) -> Void)? = nil
    ) throws -> DemonstrationSet {
        let layout = try RobomimicLayout(reading: selection.path)
        let names = try layout.names(filterKey: selection.filterKey, limit: selection.limit)
        let schema = try RobomimicSchema(of: layout.demonstration(names[0]), selection: selection)
        let lengths = try names.map { try schema.length(of: layout.demonstration($0)) }
        let byteCount = lengths.reduce(0, +) * schema.cameras.reduce(0) { $0 + $1.frameByteCount }
        try checkMemory(byteCount, path: selection.path)

        let pool = WorkerPool(workers: workers)
        var episodes: [Episode] = []
        let pixels = try [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initializedCount in
            var cache = PixelCacheWriter(buffer, cameras: schema.cameras, frames: lengths.reduce(0, +))
            for (name, length) in zip(names, lengths) {
                let demonstration = try layout.demonstration(name)
                episodes.append(try episode(name, of: demonstration, schema: schema, length: length))
                let observations = try RobomimicSchema.observations(of: demonstration)
                for (index, camera) in schema.cameras.enumerated() {
                    let dataset = try RobomimicSchema.cameraDataset(camera.key, in: observations, known: [])
                    try dataset.readImages(into: cache.next(length, camera: index), pool: pool)
                }
                progress?(episodes.count, names.count)
            }
            initializedCount = byteCount
        }
        return DemonstrationSet(
            path: selection.path, cameras: schema.cameras, lowDimKeys: schema.lowDimKeys,
            actionDimension: schema.actionDimension, episodes: episodes, environment: try layout.environment(),
            pixels: pixels)
    }

    /// The demonstrations of a file, in natural order.
    /// - Parameter filterKey: those that this mask lists; nil for all
    /// - Throws: `Failure` when the file cannot be read or has no such mask.
    public static func names(_ path: String, filterKey: String? = nil) throws -> [String] {
        try RobomimicLayout(reading: path).names(filterKey: filterKey, limit: nil)
    }

    private static func episode(
        _ name: String, of demonstration: HDF5Group, schema: RobomimicSchema, length: Int
    ) throws -> Episode {
        let actions = try finiteRows(of: RobomimicSchema.actions(of: demonstration))
        let observations = try RobomimicSchema.observations(of: demonstration)
        let width = schema.lowDimKeys.reduce(0) { $0 + $1.width }
        var lowDim = [Float](repeating: 0, count: length * width)
        var column = 0
        for key in schema.lowDimKeys {
            let values = try finiteRows(of: RobomimicSchema.lowDimDataset(key.key, in: observations, known: []))
            for step in 0..<length {
                for index in 0..<key.width { lowDim[step * width + column + index] = values[step * key.width + index] }
            }
            column += key.width
        }
        return Episode(
            name: name, length: length, actions: actions, lowDim: lowDim, states: try states(of: demonstration, length: length))
    }

    /// Optional in robomimic's layout, and in other programs' files anything at all: only a table with a row per step
    /// counts.
    private static func states(of demonstration: HDF5Group, length: Int) throws -> [Float] {
        guard try demonstration.kind(of: "states") == .dataset, let dataset = try demonstration.dataset("states"),
            dataset.elementType.isNumber, dataset.shape.count == 2, dataset.rows == length
        else { return [] }
        return try dataset.readFloats()
    }

    private static func finiteRows(of dataset: HDF5Dataset) throws -> [Float] {
        let values = try dataset.readFloats()
        guard let bad = values.firstIndex(where: { !$0.isFinite }) else { return values }
        throw Failure(
            .data, "a value is not finite", at: dataset.location, expected: "finite numbers that fit a 32-bit float",
            found: "\(values[bad]) at step \(bad / dataset.rowWidth), dimension \(bad % dataset.rowWidth)",
            remedy: "leave this demonstration out by a filter key, or repair it; alt dataset validate lists all such values")
    }

    /// Refuses what cannot fit into this machine's memory before anything is allocated.
    private static func checkMemory(_ byteCount: Int, path: String) throws {
        let available = ProcessInfo.processInfo.physicalMemory
        guard UInt64(byteCount) > available / 10 * 9 else { return }
        throw Failure(
            .data, "the images do not fit into memory", at: path,
            expected: "at most \(available / 10 * 9) bytes of decoded images", found: "\(byteCount) bytes",
            remedy: "choose fewer cameras, a filter key or a limit")
    }
}

/// Hands out the pieces of the image cache in the order of `DemonstrationSet`: a block per camera, in it the episodes.
private struct PixelCacheWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private let cameras: [Camera]
    private var position: [Int]  // [camera], in bytes

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>, cameras: [Camera], frames: Int) {
        self.buffer = buffer
        self.cameras = cameras
        var start = 0
        position = cameras.map { camera in
            defer { start += camera.frameByteCount * frames }
            return start
        }
    }

    /// Room for the next `length` frames of a camera.
    mutating func next(_ length: Int, camera: Int) -> UnsafeMutableRawBufferPointer {
        let start = position[camera]
        position[camera] += length * cameras[camera].frameByteCount
        return UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[start..<position[camera]]))
    }
}
