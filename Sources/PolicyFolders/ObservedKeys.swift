import Basics
import Configuration
import Demonstrations
import Images
import Safetensors

/// What a policy in a folder is shown: the keys of its cameras and low-dim values, in its order, with their shapes.
public struct ObservedKeys: Equatable, Sendable {
    public var cameras: [String] = []
    /// Of each camera, [height, width, 3].
    public var cameraShapes: [[Int]] = []
    public var lowDim: [String] = []
    /// Values of each low-dim key at one step.
    public var lowDimWidths: [Int] = []

    public init() {}

    public init(_ set: DemonstrationSet) {
        cameras = set.cameras.map(\.key)
        cameraShapes = set.cameras.map { [$0.height, $0.width, 3] }
        lowDim = set.lowDimKeys.map(\.key)
        lowDimWidths = set.lowDimKeys.map(\.width)
    }

    /// Cameras with the size of their frames.
    public var sizedCameras: [Camera] { zip(cameras, cameraShapes).map { Camera(key: $0, height: $1[0], width: $1[1]) } }
    /// Low-dim keys with their widths.
    public var sizedLowDim: [LowDimKey] { zip(lowDim, lowDimWidths).map { LowDimKey(key: $0, width: $1) } }

    /// Low-dim values of one step, keys side by side.
    public var lowDimDimension: Int { lowDimWidths.reduce(0, +) }
}

extension ObservedKeys: SettingsGroup {
    public static var fields: [SettingsField<ObservedKeys>] {
        [
            SettingsField("cameras", \.cameras, name.each(count: 0...1000)),
            SettingsField("camera_shapes", \.cameraShapes, Rule(expectation: "[height, width, 3] up to 65,536 a side") {
                $0.count == 3 && $0[2] == 3 && $0.prefix(2).allSatisfy((1...65_536).contains)
            }.each(count: 0...1000)),
            SettingsField("low_dim", \.lowDim, name.each(count: 0...1000)),
            SettingsField("low_dim_widths", \.lowDimWidths, Rule.within(1...1_000_000).each(count: 0...1000)),
        ]
    }

    /// A key that the files of a policy can hold beside what they hold anyway.
    private static var name: Rule<String> {
        Rule(expectation: "a name other than \(taken.joined(separator: " and "))") { !$0.isEmpty && !taken.contains($0) }
    }

    private static let taken = [KeyedNormalizer.action, "__metadata__"]

    /// - Throws: `Failure` (`data`) for a key that a policy's files have no room for.
    public func check(of file: String) throws {
        guard let key = (cameras + lowDim).first(where: { !Self.name.accepts($0) }) else { return }
        throw Failure(
            .data, "an observation key has the name of something else in a policy's files", at: "\(file): \(key)", expected: Self.name.expectation,
            found: key, remedy: "leave it out with data.cameras and data.low_dim, or rename it")
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        for (key, count, keys) in [("camera_shapes", cameraShapes.count, cameras), ("low_dim_widths", lowDimWidths.count, lowDim)] where count != keys.count {
            throw origins.violation(path, key, expected: "one for each of \(keys.shown)", found: "\(count)")
        }
        let all = cameras + lowDim
        if all.isEmpty { throw origins.violation(path, "low_dim", expected: "a camera or a low-dim key", found: "neither") }
        if let twice = all.indices.first(where: { all[..<$0].contains(all[$0]) }) {
            throw origins.violation(path, "cameras", expected: "every key once", found: "\(all[twice]) twice")
        }
    }

    /// Every image must hold the square that a network sees of it.
    func check(crop size: Int, _ origins: SettingsOrigins) throws {
        guard let small = cameraShapes.first(where: { $0[0] < size || $0[1] < size }) else { return }
        throw origins.violation([], "image_size", expected: "at most the sides of every camera's image", found: "\(size) of \(small.shown)")
    }
}

/// One observation in a safetensors file: cameras as uint8 [steps, H, W, 3], low-dim keys as float [steps, width], oldest step
/// first. Other tensors are not looked at, so that a whole observation dictionary may be saved as it is.
public enum ObservationFile {
    /// - Throws: `Failure`: `inputMissing` when there is no such file, `data` when it is no safetensors file or lacks a key in its shape.
    public static func read(_ path: String, _ keys: ObservedKeys, steps: Int) throws -> Observation {
        let file = try Safetensors.read(path, rejectNaN: false)
        let remedy = "save every observation key as [steps, ...], the last \(steps) steps, oldest first; images as uint8, the rest as float32"
        func explained<Value>(_ read: () throws -> Value) throws -> Value {
            do { return try read() } catch var failure as Failure {
                failure.remedy = remedy
                throw failure
            }
        }
        let images = try zip(keys.cameras, keys.cameraShapes).map { key, shape in try explained { try file.byteTensor(key, shape: [steps] + shape).values } }
        let lowDim = try zip(keys.lowDim, keys.lowDimWidths).map { key, width in
            try explained { try file.finite(key, shape: [steps, width]) }
        }
        return Observation(
            images: (0..<steps).map { step in
                zip(images, keys.cameraShapes).map { pixels, shape in
                    let count = shape.reduce(1, *)
                    return RGBImage(width: shape[1], height: shape[0], pixels: Array(pixels[step * count..<(step + 1) * count]))
                }
            },
            lowDim: (0..<steps).map { step in
                zip(lowDim, keys.lowDimWidths).flatMap { values, width in values[step * width..<(step + 1) * width] }
            }, source: nil)
    }

    /// The tensors of an observation under their keys, as `read` takes them.
    static func tensors(
        of observation: Observation, _ keys: ObservedKeys
    ) -> (floats: [(name: String, tensor: Tensor)], bytes: [(name: String, tensor: ByteTensor)]) {
        let steps = observation.lowDim.count
        var column = 0
        let floats = zip(keys.lowDim, keys.lowDimWidths).map { key, width in
            defer { column += width }
            return (name: key, tensor: Tensor(shape: [steps, width], values: observation.lowDim.flatMap { $0[column..<column + width] }))
        }
        let bytes = zip(keys.cameras, keys.cameraShapes).enumerated().map { camera, named in
            (name: named.0, tensor: ByteTensor(shape: [steps] + named.1, values: observation.images.flatMap { $0[camera].pixels }))
        }
        return (floats, bytes)
    }
}
