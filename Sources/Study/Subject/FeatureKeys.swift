import Basics
import Configuration
import Demonstrations
import PolicyFolders

/// Which keys of a robomimic file are the inputs of a policy that has names of its own: by name, as `audit.keys` says or as the names
/// say themselves, and never by position.
struct FeatureKeys {
    /// One input of a policy.
    struct Input: Equatable {
        /// As the policy calls it: `observation.images.top`.
        let name: String
        /// [height, width, 3] of a picture, else [width].
        let shape: [Int]

        var isPicture: Bool { shape.count == 3 }
    }

    /// What a file has: by key below `obs`, the shape of one step.
    private let shapes: [(key: String, shape: [Int], isBytes: Bool)]
    private let path: String

    /// - Throws: `Failure` when the file cannot be read.
    init(_ path: String) throws {
        self.path = path
        let prefix = "obs/"
        shapes = try DatasetInspector.inspect(path: path).keys.filter { $0.path.hasPrefix(prefix) }.map {
            (String($0.path.dropFirst(prefix.count)), $0.shape, $0.type == "uint8")
        }
    }

    /// The keys of every input, pictures and others each in the policy's order.
    /// - Parameter pairings: keys by input, as the user says
    /// - Throws: `Failure` (`data`) for an input that no key is, or more than one may be, and for a pairing that is of nothing.
    func observed(_ inputs: [Input], pairings: [String: [String]]) throws -> ObservedKeys {
        if let stranger = pairings.keys.sorted().first(where: { name in !inputs.contains { $0.name == name } }) {
            throw Failure(
                .data, "audit.keys names an input that the policy does not have", at: "audit.keys", expected: inputs.map(\.name).joined(separator: ", "),
                found: stranger, remedy: Suggestion.sentence(for: stranger, among: inputs.map(\.name)) ?? "correct the name")
        }
        var observed = ObservedKeys()
        for input in inputs {
            let keys = try pairings[input.name] ?? [found(input, taken: observed.cameras + observed.lowDim)]
            let own = try keys.map { key in
                guard let known = shapes.first(where: { $0.key == key }) else {
                    throw Failure(
                        .data, "the file has no such key", at: "\(path): obs/\(key)", found: NearestName.list(shapes.map(\.key), for: key),
                        remedy: "correct it in audit.keys, at \(input.name)")
                }
                return known
            }
            if input.isPicture {
                guard own.count == 1, own[0].isBytes, own[0].shape == input.shape else {
                    throw mismatch(input, own.map { "\($0.key) \($0.shape.shown)" }.joined(separator: " + "), "a key of 8-bit pictures \(input.shape.shown)")
                }
                observed.cameras.append(own[0].key)
                observed.cameraShapes.append(input.shape)
            } else {
                let widths = own.map { $0.shape.reduce(1, *) }
                guard widths.reduce(0, +) == input.shape[0] else {
                    throw mismatch(input, own.map { "\($0.key) \($0.shape.shown)" }.joined(separator: " + "), "\(input.shape[0]) values together")
                }
                observed.lowDim += own.map(\.key)
                observed.lowDimWidths += widths
            }
        }
        return observed
    }

    private func mismatch(_ input: Input, _ found: String, _ expected: String) -> Failure {
        Failure(
            .data, "an input of the policy is not what the file has under its key", at: "\(path), input \(input.name)", expected: expected, found: found,
            remedy: "name other keys in audit.keys, or use the file that the policy was trained on")
    }

    /// The only key that the input's name may mean.
    /// - Parameter taken: keys that are other inputs already, and are not offered
    private func found(_ input: Input, taken: [String]) throws -> String {
        let tail = input.name.split(separator: ".").last.map(String.init) ?? input.name
        let meant = [input.name, input.name.replacing(".", with: "_"), tail] + (input.isPicture ? ["\(tail)_image"] : [])
        let candidates = shapes.map(\.key).filter { meant.contains($0) }
        if candidates.count == 1 { return candidates[0] }
        let fitting = shapes.filter { !taken.contains($0.key) }.filter { input.isPicture ? $0.isBytes && $0.shape.count == 3 : !$0.isBytes }
        throw Failure(
            .data, candidates.isEmpty ? "no key of the file has the name of an input of the policy" : "several keys of the file may be an input of the policy",
            at: "\(path), input \(input.name)", expected: "\(input.isPicture ? "pictures" : "values") \(input.shape.shown) under one of \(meant.joined(separator: ", "))",
            found: (candidates.isEmpty ? fitting.map { "\($0.key) \($0.shape.shown)" } : candidates).joined(separator: ", "),
            remedy: "say which: 'audit.keys={\(input.name): \(suggestion(input, fitting.map { ($0.key, $0.shape) }))}'")
    }

    /// Of the robot's own keys where their widths add up to the input's.
    private func suggestion(_ input: Input, _ fitting: [(key: String, shape: [Int])]) -> String {
        if input.isPicture { return fitting.first { $0.shape == input.shape }?.key ?? fitting.first?.key ?? "KEY" }
        let robot = fitting.filter { ["_eef_pos", "_eef_quat", "_gripper_qpos"].contains(where: $0.key.hasSuffix) }
        let order = ["_eef_pos", "_eef_quat", "_gripper_qpos"].flatMap { suffix in robot.filter { $0.key.hasSuffix(suffix) } }
        let width = order.reduce(0) { $0 + $1.shape.reduce(1, *) }
        return width == input.shape[0] ? "[\(order.map(\.key).joined(separator: ", "))]" : "[KEY, KEY]"
    }
}
