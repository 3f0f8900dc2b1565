import Basics
import Demonstrations

/// An observation as the map that a policy server is sent: images as uint8, low-dim values as float32, both raw, as the data file has
/// them. Normalising, resizing and other units are the server's task.
struct ObservationRequest: Sendable {
    private enum Content: Sendable {
        case camera(Int)
        /// Columns of an observation's low-dim values, keys side by side.
        case columns([Int])
    }

    private let contents: [(name: String, content: Content)]
    private let settings: ServedPolicySettings
    /// Of an answer: [horizon, action].
    private let answer: [Int]

    /// - Parameter answer: [horizon, action]
    /// - Throws: `Failure` (`data`) for a key that the data file does not have, or images that should be joined.
    init(_ settings: ServedPolicySettings, cameras: [Camera], lowDimKeys: [LowDimKey], answer: [Int]) throws {
        self.settings = settings
        self.answer = answer
        let known = cameras.map(\.key) + lowDimKeys.map(\.key)
        var columns: [String: [Int]] = [:], next = 0
        for key in lowDimKeys {
            columns[key.key] = Array(next..<next + key.width)
            next += key.width
        }
        let sent = settings.keys.sent.isEmpty ? known.map { SentKeys.Entry($0, [$0]) } : settings.keys.sent
        contents = try sent.map { entry in
            if let only = entry.keys.first, entry.keys.count == 1, let camera = cameras.firstIndex(where: { $0.key == only }) {
                return (entry.name, .camera(camera))
            }
            return (entry.name, .columns(try entry.keys.flatMap { key in
                if let columns = columns[key] { return columns }
                throw Self.notLowDim(key, under: entry.name, known)
            }))
        }
        let names = contents.map(\.name) + settings.extraNames
        if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            throw Failure(
                .data, "two things are sent under one name", at: "audit.served", expected: "every name once", found: names[twice],
                remedy: "rename one in audit.keys")
        }
    }

    private static func notLowDim(_ key: String, under name: String, _ known: [String]) -> Failure {
        known.contains(key)
            ? Failure(
                .data, "images cannot be joined with other keys", at: "audit.keys.\(name)", expected: "low-dim keys, or one camera alone", found: key,
                remedy: "send each camera under a name of its own")
            : Failure(
                .data, "there is no such observation key", at: "audit.keys.\(name)", expected: "a key that is loaded from the data file",
                found: "\(key); there are \(NearestName.list(known, for: key))", remedy: "correct it, or name it in data.cameras or data.low_dim as well")
    }

    /// - Parameter seed: of this sample; sent where the server has a key for it
    func value(_ observation: Observation, seed: Seed) throws -> MessagePackValue {
        let steps = settings.history == .last ? observation.lowDim.indices.suffix(1) : observation.lowDim.indices[...]
        var entries: [(key: String, value: MessagePackValue)] = try contents.map { name, content in
            switch content {
            case .camera(let camera): (name, try images(observation, steps, camera).value)
            case .columns(let columns):
                (name, NumpyArray(
                    steps.flatMap { step in columns.map { observation.lowDim[step][$0] } }, shape: axes(steps.count, [columns.count])).value)
            }
        }
        if let prompt = settings.prompt { entries.append((settings.promptKey, .string(prompt))) }
        // 31 bits: whatever a server starts from it takes so much.
        if let key = settings.seedKey { entries.append((key, .integer(Int64(seed.value >> 33)))) }
        if let key = settings.noiseKey {
            var source = RandomSource(seed)
            let noise = (0..<answer.reduce(1, *)).map { _ in Float(source.normal()) }
            entries.append((key, NumpyArray(noise, shape: answer).value))
        }
        return .named(entries)
    }

    private func axes(_ steps: Int, _ shape: [Int]) -> [Int] { settings.history == .last ? shape : [steps] + shape }

    private func images(_ observation: Observation, _ steps: Range<Int>, _ camera: Int) throws(NumpyError) -> NumpyArray {
        let images = steps.map { observation.images[$0][camera] }, first = images[0]
        let area = first.width * first.height
        precondition(images.allSatisfy { $0.width == first.width && $0.height == first.height }, "images of one camera have several sizes")
        switch settings.images {
        case .hwc:
            return try NumpyArray(dtype: .uint8, shape: axes(images.count, [first.height, first.width, 3]), data: images.flatMap(\.pixels))
        case .chw:
            let planes = images.flatMap { image in (0..<3).flatMap { channel in (0..<area).map { image.pixels[3 * $0 + channel] } } }
            return try NumpyArray(dtype: .uint8, shape: axes(images.count, [3, first.height, first.width]), data: planes)
        }
    }
}
