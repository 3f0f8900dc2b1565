import Basics
import Compute
import Configuration
import Demonstrations
import Foundation
import Networks
import Policies
import Safetensors
import Store

/// A policy on disk: a folder with `config.json`, its weights, and an example that says what it answers.
///
/// A kind of policy is a type that conforms, and a word of `PolicyKind`.
public protocol StoredPolicy: ConfigurationRoot {
    static var kind: PolicyKind { get }
    var interface: PolicyInterface { get set }
    /// What it answers, one word or two: "ddpm, 100 steps".
    var manner: String { get }

    /// The policy with the weights in a folder.
    /// - Throws: `Failure` when they are absent, damaged, or not those of this description.
    func policy(from folder: String, pool: WorkerPool) throws -> any Policy
    /// Names of the demonstrations that the policy's matches are of; none where it has no matches.
    var demonstrations: [String] { get }
    /// The same with another sampler.
    /// - Throws: `Failure` (`usage`) for a policy that has none.
    func sampling(by kind: DenoisingProcess.Kind) throws -> Self
    /// The same with another number of denoising steps; nil for its own.
    /// - Throws: `Failure` for a policy that has none, or has fewer steps of noise.
    func sampling(steps: Int?) throws -> Self
}

extension StoredPolicy {
    public static var name: String { "policy's description" }
    public static var smallest: String { "what `alt` writes beside a policy's weights" }
    public static var overrideExample: String { "sampler=ddim" }
    public static var profileExample: String { "sampler: ddim" }
    public var demonstrations: [String] { [] }

    public func sampling(by kind: DenoisingProcess.Kind) throws -> Self {
        throw Self.noSampler
    }

    public func sampling(steps: Int?) throws -> Self {
        guard steps == nil else { throw Self.noSampler }
        return self
    }

    private static var noSampler: Failure {
        Failure(.usage, "this policy has no sampler to choose", expected: "a policy of type \(PolicyKind.diffusion.rawValue)", found: "type \(kind.rawValue)")
    }
}

/// The kinds of policies that a folder may hold, as `type` of its config.json says.
public enum PolicyKind: String, SettingsChoice, Sendable, Codable {
    case diffusion
    case lookupTable = "lookup_table"

    var stored: any StoredPolicy.Type {
        switch self {
        case .diffusion: StoredDiffusion.self
        case .lookupTable: StoredLookupTable.self
        }
    }
}

public enum PolicyFolder {
    static let configuration = "config.json", model = "model.safetensors", example = "example.safetensors"

    static func isPolicy(_ folder: String) -> Bool { FileSystem.exists("\(folder)/\(configuration)") }

    /// What a folder says of its policy.
    /// - Throws: `Failure`: `inputMissing` when there is none, `data` when it says what no policy can be.
    public static func read(_ folder: String) throws -> any StoredPolicy {
        let path = "\(folder)/\(configuration)"
        guard isPolicy(folder) else {
            throw Failure(
                .inputMissing, "there is no policy in this folder", at: folder, expected: "a \(configuration)",
                found: FileSystem.isFolder(folder) ? "no such file" : "no such folder",
                remedy: "name RUN/policy/<name>; a run writes it after its trainings")
        }
        struct Head: Decodable { var type: PolicyKind }
        let kind: PolicyKind
        do { kind = try JSONFile.read(Head.self, from: path).type } catch let failure as Failure where failure.kind == .data {
            throw Failure(
                .data, "the policy's description does not say what it is", at: path,
                expected: "a key \"type\" with one of \(PolicyKind.allCases.map(\.rawValue).joined(separator: ", "))", found: failure.found,
                remedy: "name a folder that a run of this program wrote")
        }
        func load<Stored: StoredPolicy>(_ type: Stored.Type) throws -> any StoredPolicy {
            let settings = try ConfigurationFile<Stored>.load(path).settings
            try checkKeys(of: path, against: settings.resolvedJSON())
            return settings
        }
        return try load(kind.stored)
    }

    /// SHA-256 over everything that decides what the policy in a folder answers.
    /// - Throws: `Failure` when a file is absent or cannot be read.
    public static func contentHash(_ folder: String) throws -> String {
        let kind = try type(of: read(folder)).kind
        return FileHash.sha256(text: try files(kind).filter { $0 != example }.map { "\($0) \(try FileHash.sha256("\(folder)/\($0)"))" }.joined(separator: "\n"))
    }

    /// A description says everything and builds on nothing: what is left out would be answered with somebody's defaults.
    private static func checkKeys(of path: String, against whole: String) throws {
        func keys(_ object: Any, _ path: String) -> [String] {
            guard let entries = object as? [String: Any], !entries.isEmpty else { return [path] }
            return entries.flatMap { keys($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
        }
        func keys(_ data: Data) throws -> Set<String> {
            do { return Set(keys(try JSONSerialization.jsonObject(with: data), "")) } catch {
                throw Failure(.data, "the policy's description is not JSON", at: path, found: "\(error.localizedDescription)", remedy: remedy)
            }
        }
        let found = try keys(FileSystem.read(path)), expected = try keys(Data(whole.utf8))
        guard found == expected else {
            let missing = expected.subtracting(found).sorted(), other = found.subtracting(expected).sorted()
            throw Failure(
                .data, "the policy's description does not have exactly its keys", at: path, expected: missing.isEmpty ? "no other keys" : missing.joined(separator: ", "),
                found: other.isEmpty ? "no such keys" : other.joined(separator: ", "), remedy: remedy)
        }
    }

    /// The parameters of a network from a policy's model file, and the file.
    /// - Throws: `Failure` when the file is absent or damaged, or not of this network: found before the network takes memory.
    static func parameters(_ store: ParameterStore, in folder: String) throws -> (values: FloatBuffer, file: SafetensorsFile) {
        let path = "\(folder)/\(model)", file = try Safetensors.read(path), own = file.tensors.filter { !KeyedNormalizer.isOwn($0.key) }
        for (name, tensor) in own { _ = try file.finite(name, shape: tensor.shape, remedy: remedy) }
        let found = own.values.reduce(0) { $0 + $1.values.count }
        guard found == store.count else {
            throw Failure(
                .data, "the weights are not of the network that the description names", at: path, expected: "\(store.count) parameters", found: "\(found)",
                remedy: remedy)
        }
        let values = store.makeBuffer()
        try store.load(own, into: values, from: path)
        return (values, file)
    }

    /// In front of what the example holds beside the observation's keys.
    static let answer = "answer/"

    static let remedy = "copy the whole folder again"

    /// What lies beside the policies' folders: what they are, and how PyTorch reads them.
    public static let guides: [(name: String, content: Data)] = [
        ("README.md", Data(PackageResources.policy_md)), ("load_diffusion.py", Data(PackageResources.load_diffusion_py)),
        ("load_lookup_table.py", Data(PackageResources.load_lookup_table_py)),
    ]

    /// The names of the files of a kind of policy.
    public static func files(_ kind: PolicyKind) -> [String] {
        switch kind {
        case .diffusion: [configuration, model, example]
        case .lookupTable: [configuration, model, TableFile.name, example]
        }
    }
}

/// What every policy on disk has: where it comes from, what it is shown and what it answers with.
public struct PolicyInterface: Equatable, Sendable {
    var type: PolicyKind
    public var origin = PolicyOrigin()
    public var observation = ObservedKeys()
    /// Side of the square that its networks see of every image.
    public var imageSize = 76
    /// Values of one action.
    public var actionDimension = 1
    /// How sequences lie about the current step.
    public var windows = WindowLayout()

    init(_ type: PolicyKind) { self.type = type }

    /// Of whichever kind takes it.
    public init(_ change: (inout PolicyInterface) -> Void) {
        self.init(.diffusion)
        change(&self)
    }
}

extension StoredPolicy {
    public init(_ interface: PolicyInterface, _ change: (inout Self) -> Void) {
        self.init()
        let kind = self.interface.type
        self.interface = interface
        self.interface.type = kind
        change(&self)
    }

    /// In front of what a kind has of its own.
    static var interfaceFields: [SettingsField<Self>] {
        [
            SettingsField("type", \.interface.type, Rule(expectation: kind.rawValue) { $0 == kind }),
            SettingsField(group: "origin", \.interface.origin), SettingsField(group: "observation", \.interface.observation),
            SettingsField("image_size", \.interface.imageSize, .within(1...1024)),
            SettingsField("action_dimension", \.interface.actionDimension, .within(1...10_000)),
            SettingsField(group: "windows", \.interface.windows),
        ]
    }
}

/// Where a policy comes from.
public struct PolicyOrigin: SettingsGroup {
    /// Of the program that wrote the folder.
    public var commit = ""
    public var experiment = "", configuration = "", dataSha256 = ""
    public var seed = 0

    public init() {}

    public static var fields: [SettingsField<PolicyOrigin>] {
        [
            SettingsField("commit", \.commit), SettingsField("experiment", \.experiment), SettingsField("configuration", \.configuration),
            SettingsField("data_sha256", \.dataSha256), SettingsField("seed", \.seed),
        ]
    }
}

extension ImageEncoderConfiguration {
    /// The spatial softmax needs 2 x 2 positions; an average one.
    /// - Parameter size: the side of the images, and the key that says so
    public func check(size: (key: String, value: Int), _ origins: SettingsOrigins, _ path: [String]) throws {
        let side = (0..<halvings).reduce(size.value) { side, _ in (side + 1) / 2 }
        guard side < 2 && !isImageNets else { return }
        throw origins.violation(
            path, "channels", expected: "fewer stages, or \(size.key) above \(1 << halvings): \(halvings) halvings must leave 2 x 2 positions",
            found: "\(channels.count) stages at \(size.key) = \(size.value)")
    }
}

extension UnetConfiguration {
    /// Every level but the last halves the horizon.
    /// - Parameter key: the group that this is
    public func check(horizon: Int, _ key: String, _ origins: SettingsOrigins, _ path: [String]) throws {
        guard horizon % horizonMultiple != 0 else { return }
        throw origins.violation(
            path, "windows.horizon", expected: "a multiple of \(horizonMultiple), because \(key).down_dims halves the horizon \(halvings) times",
            found: "\(horizon)")
    }
}
