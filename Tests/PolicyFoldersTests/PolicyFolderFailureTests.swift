import Basics
import Foundation
import Policies
import Safetensors
import TestSupport
import Testing

@testable import PolicyFolders

/// Folders and observations that are not what they should be.
@Suite struct PolicyFolderFailureTests {
    /// The failure of reading a description with one change and loading its policy.
    private func failure(_ policy: String, _ old: String, _ new: String) throws -> Failure {
        let written = try WrittenPolicies(), folder = "\(written.folder)/\(policy)"
        _ = try (written.diffusion(written.storedDiffusion), written.table(.head, pose: false))
        let path = "\(folder)/config.json", text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(old))
        try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: path))
        return try #require(throws: Failure.self) { _ = try PolicyFolder.read(folder).policy(from: folder, pool: written.pool) }
    }

    @Test(arguments: [
        ("diffusion", "\"type\": \"diffusion\"", "\"type\": \"flow\"", "does not say what it is"),
        ("diffusion", "\"horizon\": 8", "\"horizon\": 7", "windows.horizon"),
        ("diffusion", "\"image_size\": 12", "\"image_size\": 20", "image_size"),
        ("diffusion", "\"image_size\": 12", "\"image_size\": 4000000000", "out of range"),
        ("diffusion", "[8, 16]", "[8, 24]", "another shape"),
        ("diffusion", "\"clip\"", "\"clamp\"", "unknown key 'clamp'"),
        ("diffusion", "\"ddpm\": 10", "\"ddpm\": 30", "ddpm"),
        ("diffusion", "[2, 1]", "[2]", "low_dim_widths"),
        ("diffusion", "\"hand_image\"", "\"front_image\"", "cameras"),
        ("alt", "\"embedding\": 5", "\"embedding\": 6", "another shape"),
        ("alt", "\"layer\": \"head\"", "\"layer\": \"features\"", "not of this encoder"),
        ("alt", "[\"demo_0\", \"demo_2\", \"demo_4\"]", "[\"demo_0\"]", "has no name"),
        ("alt", "\"action_dimension\": 2", "\"action_dimension\": 3", "another shape"),
    ])
    func `a description that no policy can have is refused with its key`(policy: String, old: String, new: String, words: String) throws {
        let failure = try failure(policy, old, new)
        #expect(failure.kind == .data && failure.description.contains(words), "\(failure)")
    }

    @Test func `a folder without a policy, and one without its weights, are missing inputs`() throws {
        let written = try WrittenPolicies(cameras: [])
        #expect { try PolicyFolder.read(written.folder) } throws: { ($0 as? Failure)?.kind == .inputMissing }
        _ = try written.diffusion(written.storedDiffusion)
        try FileManager.default.removeItem(atPath: written.folder + "/diffusion/model.safetensors")
        #expect {
            _ = try PolicyFolder.read(written.folder + "/diffusion").policy(from: written.folder + "/diffusion", pool: written.pool)
        } throws: { ($0 as? Failure)?.kind == .inputMissing }
    }

    @Test func `images scaled in another way are not taken for ours`() throws {
        let written = try WrittenPolicies(), path = written.folder + "/diffusion/model.safetensors"
        _ = try written.diffusion(written.storedDiffusion)
        let file = try Safetensors.read(path)
        try Safetensors.write(
            file.names.map { ($0, $0 == "normalizer.params_dict.hand_image.offset" ? Tensor(shape: [1], values: [0]) : file.tensors[$0] ?? Tensor(0)) },
            metadata: [:], to: path)
        #expect {
            _ = try PolicyFolder.read(written.folder + "/diffusion").policy(from: written.folder + "/diffusion", pool: written.pool)
        } throws: { ($0 as? Failure)?.what.contains("images are scaled") == true }
    }

    @Test func `a policy that is not there is named with those that are`() throws {
        let written = try WrittenPolicies()
        _ = try (written.diffusion(written.storedDiffusion), written.table(.head, pose: false))
        #expect { try PolicyQuery(written.folder, policy: "al") } throws: {
            (($0 as? Failure)?.kind, ($0 as? Failure)?.found) == (.inputMissing, "alt, diffusion")
        }
        #expect(try PolicyQuery(written.folder).folder.hasSuffix("/diffusion"))
        #expect(try PolicyQuery(written.folder + "/alt").stored is StoredLookupTable)
        #expect { try PolicyQuery(written.folder, policy: "alt", sampler: .ddim) } throws: { ($0 as? Failure)?.kind == .usage }
    }

    @Test func `an observation is read back, and one of another shape or type is refused by its key`() throws {
        let written = try WrittenPolicies(), keys = ObservedKeys(written.set), observation = written.observation(), path = written.folder + "/now.safetensors"
        let (floats, bytes) = ObservationFile.tensors(of: observation, keys)
        try Safetensors.write(floats + [("unasked", Tensor(3))], bytes: bytes, metadata: [:], to: path)
        let read = try ObservationFile.read(path, keys, steps: 2)
        #expect(read.images == observation.images && read.lowDim == observation.lowDim)
        #expect { try ObservationFile.read(path, keys, steps: 3) } throws: { ($0 as? Failure)?.expected == "[3, 14, 17, 3]" }
        try Safetensors.write(floats, bytes: [bytes[0]], metadata: [:], to: path)
        #expect { try ObservationFile.read(path, keys, steps: 2) } throws: { ($0 as? Failure)?.expected == "uint8 tensor hand_image" }
        var endless = floats
        endless[1].tensor.values[1] = .infinity
        try Safetensors.write(endless, bytes: bytes, metadata: [:], to: path)
        #expect { try ObservationFile.read(path, keys, steps: 2) } throws: { ($0 as? Failure)?.location?.contains("gripper") == true }
    }
}
