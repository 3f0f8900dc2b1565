import Foundation

/// Describes a robomimic file without judging it; `DatasetValidator` judges.
public enum DatasetInspector {
    /// Reads structure and actions, but no observations.
    /// - Throws: `Failure` when the file cannot be opened, has no demonstrations, or is damaged.
    public static func inspect(path: String) throws -> DatasetDescription {
        let layout = try RobomimicLayout(reading: path)
        var keys = KeyCollector()
        var lengths: [Int] = []
        var ranges: [DimensionRange] = []
        for name in layout.names {
            let demonstration = try layout.demonstration(name)
            try keys.collect(demonstration, prefix: "", depth: 0)
            guard let actions = try demonstration.dataset("actions"), actions.isLowDim else {
                lengths.append(0)
                continue
            }
            lengths.append(actions.rows)
            if ranges.isEmpty { ranges = [DimensionRange](repeating: DimensionRange(), count: actions.rowWidth) }
            if ranges.count == actions.rowWidth { ranges.include(rows: try actions.readFloats()) }
        }
        let environment = try EnvironmentArguments(layout.environment())
        let known = Set(layout.names)
        return DatasetDescription(
            path: path, fileByteCount: layout.file.byteCount, demonstrations: layout.names.count,
            steps: lengths.reduce(0, +), shortest: lengths.min() ?? 0, longest: lengths.max() ?? 0,
            firstName: layout.names[0], lastName: layout.names[layout.names.count - 1],
            environmentName: environment.name, environmentVersion: environment.version, keys: keys.all,
            masks: try layout.masks().map { mask in
                let names = mask.names ?? []
                return .init(
                    key: mask.key, count: names.count, absent: names.filter { !known.contains($0) },
                    isText: mask.names != nil)
            },
            actionRanges: ranges.map { range in
                let isEmpty = range.minimum > range.maximum
                return .init(
                    minimum: isEmpty ? nil : range.minimum, maximum: isEmpty ? nil : range.maximum,
                    nonFinite: range.nonFinite)
            })
    }
}

/// The datasets seen so far, by path inside their demonstration, in the order of first appearance.
private struct KeyCollector {
    private var order: [String] = []
    private var keys: [String: DatasetDescription.Key] = [:]

    var all: [DatasetDescription.Key] { order.compactMap { keys[$0] } }

    mutating func collect(_ group: HDF5Group, prefix: String, depth: Int) throws {
        // A group may be linked inside itself.
        guard depth < 8 else { return }
        for name in try group.names().sorted(by: NaturalOrder.precedes) {
            if let dataset = try group.dataset(name) {
                add(dataset, path: prefix + name)
            } else if let child = try group.group(name) {
                try collect(child, prefix: prefix + name + "/", depth: depth + 1)
            }
        }
    }

    private mutating func add(_ dataset: HDF5Dataset, path: String) {
        let shape = Array(dataset.shape.dropFirst())
        let type = dataset.elementType.description
        guard var key = keys[path] else {
            order.append(path)
            keys[path] = .init(
                path: path, shape: shape, type: type, compression: dataset.compression,
                storedByteCount: dataset.storedByteCount, demonstrations: 1, isUniform: true)
            return
        }
        key.storedByteCount += dataset.storedByteCount
        key.demonstrations += 1
        key.isUniform = key.isUniform && key.shape == shape && key.type == type
        keys[path] = key
    }
}

/// The parts of robomimic's `env_args` that people look for.
struct EnvironmentArguments {
    let name: String?
    let version: String?
    /// Whether there was text that is a JSON object.
    let isObject: Bool

    init(_ json: String?) {
        var object: [String: Any]?
        if let json {
            do { object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] } catch { object = nil }
        }
        name = object?["env_name"] as? String
        version = object?["env_version"] as? String
        isObject = object != nil
    }
}
