import Basics
import Demonstrations
import Foundation
import Images
import Policies
import Safetensors
import TestSupport
import Testing

@testable import PolicyFolders

/// A policy with what lerobot itself answers: a folder that lerobot wrote, but for the weights, which follow from tensors.json
/// by a formula, and `golden.safetensors`.
struct LeRobotGolden {
    static let missing: Comment = "lerobot's goldens (../shared/lerobot) are not beside this checkout"
    /// Folders of goldens; more of them may be named by ALT_LEROBOT_GOLDENS.
    private static let places = [SharedData.beside("lerobot"), ProcessInfo.processInfo.environment["ALT_LEROBOT_GOLDENS"]].compactMap { $0 }
    static let variants = places.flatMap { place in
        (FileManager.default.subpaths(atPath: place) ?? []).filter { $0.hasSuffix("/golden.safetensors") }
            .map { "\(place)/\($0.dropLast("/golden.safetensors".count))" }.sorted()
    }
    static func path(_ name: String) throws -> String { try #require(variants.first { $0.hasSuffix("/\(name)") }) }

    /// Where the policy lies: a temporary folder.
    let folder: String
    let source: String
    var file: SafetensorsFile

    init(_ source: String) throws {
        self.source = source
        folder = try SharedData.temporaryFolder() + "/pretrained_model"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: source + "/pretrained_model") where name != "model.safetensors" {
            try Data(contentsOf: URL(fileURLWithPath: "\(source)/pretrained_model/\(name)")).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        file = try Safetensors.read("\(source)/golden.safetensors")
    }

    /// One row of tensors.json.
    struct Entry: Decodable {
        var name: String
        let shape: [Int], offset: Double?, scale: Double?

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            name = try row.decode(String.self)
            shape = try row.decode([Int].self)
            offset = try row.decodeIfPresent(Double.self)
            scale = try row.decodeIfPresent(Double.self)
        }

        var count: Int { shape.reduce(1, *) }
        var isCounter: Bool { name.hasSuffix("num_batches_tracked") }
    }

    /// Writes model.safetensors.
    /// - Parameters:
    ///   - extra: tensors in front of the layers
    ///   - renamed: what the layers are called
    func writeModel(extra: [(name: String, tensor: Tensor)] = [], renamed: (String) -> String = { $0 }) throws {
        let entries = try JSONDecoder().decode([Entry].self, from: Data(contentsOf: URL(fileURLWithPath: source + "/tensors.json")))
        let map = try LeRobotDescription(file: "\(folder)/config.json").featureMap
        var header: [String] = [], data = Data()
        func add(_ name: String, _ type: String, _ shape: [Int], _ bytes: UnsafeRawBufferPointer) {
            header.append("\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(data.count),\(data.count + bytes.count)]}")
            data.append(contentsOf: bytes)
        }
        for (name, tensor) in extra { tensor.values.withUnsafeBytes { add(name, "F32", tensor.shape, $0) } }
        for (place, entry) in entries.enumerated() {
            if entry.isCounter {
                withUnsafeBytes(of: Int64(0)) { add(renamed(entry.name), "I64", entry.shape, $0) }
                continue
            }
            let values: [Float]
            if let offset = entry.offset, let scale = entry.scale {
                values = (0..<entry.count).map { Float(offset + scale * Self.hashed(place, $0)) }
            } else {
                values = Self.positions(map.height, map.width)
            }
            values.withUnsafeBytes { add(renamed(entry.name), "F32", entry.shape, $0) }
        }
        var text = Data("{\(header.joined(separator: ","))}".utf8)
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
        try (length + text + data).write(to: URL(fileURLWithPath: "\(folder)/model.safetensors"))
    }

    private static func positions(_ height: Int, _ width: Int) -> [Float] {
        func place(_ index: Int, _ count: Int) -> Float {
            let share = Double(index) / Double(count - 1)
            return Float(2 * share - 1)
        }
        var result: [Float] = []
        for y in 0..<height {
            for x in 0..<width { result += [place(x, width), place(y, height)] }
        }
        return result
    }

    private static func hashed(_ tensor: Int, _ element: Int) -> Double {
        var z = UInt64(tensor) << 32
        z = z &+ UInt64(element) &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z >> 31
        return 2 * Double(z >> 11) / 0x1p53 - 1
    }

    /// The observations of the golden's batch.
    func observations(_ policy: LeRobotFolder) throws -> [Observation] {
        let steps = policy.windows.observationSteps
        var low: [(values: [Float], width: Int)] = [], pictures: [(bytes: [UInt8], height: Int, width: Int)] = []
        for (name, feature) in zip(["state", "environment"], policy.lowDim) { low.append((try file.tensor(name).values, feature.width)) }
        for camera in policy.cameras { pictures.append((try file.byteTensor("image.\(camera.feature)").values, camera.height, camera.width)) }
        func image(_ picture: (bytes: [UInt8], height: Int, width: Int), _ place: Int) -> RGBImage {
            let count = picture.height * picture.width * 3
            return RGBImage(width: picture.width, height: picture.height, pixels: Array(picture.bytes[place * count..<(place + 1) * count]))
        }
        func values(_ feature: (values: [Float], width: Int), _ place: Int) -> [Float] {
            Array(feature.values[place * feature.width..<(place + 1) * feature.width])
        }
        return (0..<2).map { row in
            let places = Array(row * steps..<(row + 1) * steps)
            return Observation(
                images: places.map { place in pictures.map { image($0, place) } },
                lowDim: places.map { place in low.flatMap { values($0, place) } }, source: nil)
        }
    }

    /// What `epsilon` was asked at: integers, which the program's own reader knows by name alone.
    func timesteps() throws -> [Int] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(source)/golden.safetensors"))
        let length = Self.integer(data.prefix(8))
        let header = try #require(try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: [String: Any]])
        let offsets = try #require(header["t"]?["data_offsets"] as? [Int])
        return stride(from: 8 + length + offsets[0], to: 8 + length + offsets[1], by: 8).map { Self.integer(data[$0..<$0 + 8]) }
    }

    private static func integer(_ bytes: Data) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }

    /// What PyTorch itself loses in float32, over the largest magnitude.
    func ownDifference(_ name: String) throws -> Float {
        try #require(file.metadata["float32_difference_\(name)"].flatMap { Float($0) })
    }
}

extension LeRobotDescription {
    var featureMap: (height: Int, width: Int) {
        let map = encoder.featureMap(of: image)
        return (map.height, map.width)
    }
}
