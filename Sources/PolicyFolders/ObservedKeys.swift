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

    /// Low-dim values of one step, keys side by side.
    public var lowDimDimension: Int { lowDimWidths.reduce(0, +) }
}

extension ObservedKeys: SettingsGroup {
    public static var fields: [SettingsField<ObservedKeys>] {
        [
            SettingsField("cameras", \.cameras, Rule.notEmpty.each(count: 0...64)),
            SettingsField("camera_shapes", \.cameraShapes, Rule(expectation: "[height, width, 3] up to 4096 a side") {
                $0.count == 3 && $0[2] == 3 && $0.prefix(2).allSatisfy((1...4096).contains)
            }.each(count: 0...64)),
            SettingsField("low_dim", \.lowDim, Rule.notEmpty.each(count: 0...64)),
            SettingsField("low_dim_widths", \.lowDimWidths, Rule.within(1...100_000).each(count: 0...64)),
        ]
    }

    public func validate(_ origins: SettingsOrigins, path: [String]) throws {
        for (key, count, keys) in [("camera_shapes", cameraShapes.count, cameras), ("low_dim_widths", lowDimWidths.count, lowDim)] where count != keys.count {
            throw origins.violation(path, key, expected: "one for each of \(keys.shown)", found: "\(count)")
        }
        let all = cameras + lowDim
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
/// first. Other tensors are not read, so that a whole observation dictionary may be saved as it is.
public enum ObservationFile {
    /// - Throws: `Failure`: `inputMissing` when there is no such file, `data` when it is no safetensors file or lacks a key in its shape.
    public static func read(_ path: String, _ keys: ObservedKeys, steps: Int) throws -> Observation {
        let file = try Safetensors.read(path)
        func explained<Value>(_ read: () throws -> Value) throws -> Value {
            do { return try read() } catch var failure as Failure {
                failure.remedy = "save every observation key as [steps, ...], the last \(steps) steps, oldest first; images as uint8, the rest as float32"
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
