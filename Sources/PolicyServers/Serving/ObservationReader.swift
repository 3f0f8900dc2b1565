import Basics
import Demonstrations
import Images

/// A request that cannot be answered, in one line for the client.
struct RequestProblem: Error, Equatable {
    let text: String

    init(_ text: String) { self.text = text }
}

/// What a client asks: an observation, and what it says of the episode that it is in.
struct PolicyRequest: Sendable {
    /// Which episode of a client's, and how many control steps since its start.
    struct Moment: Equatable, Sendable {
        let episode: Int
        let step: Int
    }

    var observation: Observation
    /// Keys `episode` and `step`; nil for an observation alone.
    let moment: Moment?
    /// Key `seed`; nil where the client names none.
    let seed: Int?
    /// Whether the one step that was sent stands for several.
    let isRepeated: Bool
}

/// Reads requests: a map of robomimic's observation keys, images as uint8 [H, W, 3], low-dim values as numbers [width], each with or
/// without a leading axis of the observed steps, oldest first. Without it the one step stands for all, as at the start of an episode.
/// Other keys are not looked at.
struct ObservationReader: Sendable {
    private let cameras: [Camera]
    private let lowDimKeys: [LowDimKey]
    private let steps: Int

    init(cameras: [Camera], lowDimKeys: [LowDimKey], steps: Int) {
        (self.cameras, self.lowDimKeys, self.steps) = (cameras, lowDimKeys, steps)
    }

    func read(_ value: MessagePackValue) throws(RequestProblem) -> PolicyRequest {
        guard case .map(let entries) = value else { throw RequestProblem("a request is a map of observations by key; this is \(value.summary)") }
        var isRepeated = false
        var images: [[RGBImage]] = [], lowDim: [[Float]] = []
        for camera in cameras {
            let (frames, repeats) = try frames(value, camera, entries)
            images.append(frames)
            isRepeated = isRepeated || repeats
        }
        for key in lowDimKeys {
            let (rows, repeats) = try rows(value, key, entries)
            lowDim.append(rows)
            isRepeated = isRepeated || repeats
        }
        let moment = try moment(value)
        return PolicyRequest(
            observation: Observation(
                images: (0..<steps).map { step in images.map { $0[step] } },
                lowDim: (0..<steps).map { step in zip(lowDim, lowDimKeys).flatMap { $0[step * $1.width..<(step + 1) * $1.width] } }, source: nil),
            moment: moment, seed: try count(value, "seed"), isRepeated: isRepeated)
    }

    private func moment(_ value: MessagePackValue) throws(RequestProblem) -> PolicyRequest.Moment? {
        switch (try count(value, "episode"), try count(value, "step")) {
        case (let episode?, let step?): return PolicyRequest.Moment(episode: episode, step: step)
        case (nil, nil): return nil
        default: throw RequestProblem("episode and step go together: which episode, and how many control steps since its start")
        }
    }

    private func count(_ value: MessagePackValue, _ key: String) throws(RequestProblem) -> Int? {
        guard let found = value[key], found != .null else { return nil }
        guard let count = found.wholeNumber, count >= 0 else { throw RequestProblem("\(key) is a whole number from 0 on; this is \(found.summary)") }
        return count
    }

    private func found(_ value: MessagePackValue, _ key: String, _ entries: [MessagePackValue.Entry]) throws(RequestProblem) -> MessagePackValue {
        guard let found = value[key] else {
            let names = entries.prefix(20).map { if case .string(let name) = $0.key { MessageText.line(name, limit: 40) } else { $0.key.summary } }
            throw RequestProblem("the observation lacks \(key); it has \(names.isEmpty ? "nothing" : names.joined(separator: ", "))\(entries.count > 20 ? " ..." : "")")
        }
        return found
    }

    private func array(_ value: MessagePackValue, _ key: String) throws(RequestProblem) -> NumpyArray {
        do throws(NumpyError) { return try NumpyArray(value) } catch { throw RequestProblem("\(key) is \(error)") }
    }

    private func frames(
        _ value: MessagePackValue, _ camera: Camera, _ entries: [MessagePackValue.Entry]
    ) throws(RequestProblem) -> (frames: [RGBImage], repeats: Bool) {
        let array = try array(found(value, camera.key, entries), camera.key), shape = [camera.height, camera.width, 3]
        guard array.dtype == .uint8 else { throw RequestProblem("\(camera.key) is \(array.dtype) where uint8 is expected, \(shape)") }
        guard array.shape == shape || array.shape == [steps] + shape else {
            throw RequestProblem("\(camera.key) has shape \(array.shape) where \(shape) is expected\(steps > 1 ? ", or \([steps] + shape)" : "")")
        }
        func image(_ bytes: ArraySlice<UInt8>) -> RGBImage { RGBImage(width: camera.width, height: camera.height, pixels: Array(bytes)) }
        let count = camera.frameByteCount
        if array.shape == shape { return ([RGBImage](repeating: image(array.data[...]), count: steps), steps > 1) }
        return ((0..<steps).map { image(array.data[$0 * count..<($0 + 1) * count]) }, false)
    }

    /// - Returns: [steps, width]
    private func rows(
        _ value: MessagePackValue, _ key: LowDimKey, _ entries: [MessagePackValue.Entry]
    ) throws(RequestProblem) -> (rows: [Float], repeats: Bool) {
        let (values, shape) = try numbers(found(value, key.key, entries), key.key)
        let isOne = shape == [key.width] || (shape.isEmpty && key.width == 1)
        guard isOne || shape == [steps, key.width] else {
            throw RequestProblem("\(key.key) has shape \(shape) where [\(key.width)] is expected\(steps > 1 ? ", or \([steps, key.width])" : "")")
        }
        guard values.allSatisfy(\.isFinite) else { throw RequestProblem("\(key.key) holds what is no number") }
        return isOne ? ((0..<steps).flatMap { _ in values }, steps > 1) : (values, false)
    }

    /// An array, a list of numbers or a number.
    private func numbers(_ value: MessagePackValue, _ key: String) throws(RequestProblem) -> (values: [Float], shape: [Int]) {
        switch value {
        case .float, .double, .integer: return ([try number(value, key)], [])
        case .array(let list):
            var values: [Float] = []
            for value in list { values.append(try number(value, key)) }
            return (values, [values.count])
        default:
            let array = try array(value, key)
            return (array.doubles.map { Float($0) }, array.shape)
        }
    }

    private func number(_ value: MessagePackValue, _ key: String) throws(RequestProblem) -> Float {
        switch value {
        case .float(let value): return value
        case .double(let value): return Float(value)
        case .integer(let value): return Float(value)
        default:
            // A numpy scalar in a list.
            if let scalar = try? NumpyArray(value), scalar.shape.isEmpty, let number = scalar.doubles.first { return Float(number) }
            throw RequestProblem("\(key) holds \(value.summary) where a number is expected")
        }
    }
}
