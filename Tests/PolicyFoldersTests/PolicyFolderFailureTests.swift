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
        ("diffusion", "[8, 16]", "[8, 24]", "not of the network"),
        ("diffusion", "[2, 1]", "[1, 2]", "another shape"),
        ("diffusion", "[2, 1]", "[1000000, 1]", "not of the network"),
        ("diffusion", "\"clip\": true", "", "noise.clip"),
        ("diffusion", ",\n  \"sampler\": \"ddpm\"", "", "exactly its keys"),
        ("diffusion", "{\n  \"type\"", "{\n  \"profiles\": {},\n  \"type\"", "exactly its keys"),
        ("diffusion", "\"gripper\"", "\"action\"", "a name other than action"),
        ("diffusion", "\"clip\"", "\"clamp\"", "unknown key 'clamp'"),
        ("diffusion", "\"ddpm\": 10", "\"ddpm\": 30", "ddpm"),
        ("diffusion", "[2, 1]", "[2]", "low_dim_widths"),
        ("diffusion", "\"hand_image\"", "\"front_image\"", "cameras"),
        ("alt", "\"embedding\": 5", "\"embedding\": 6", "not of the network"),
        ("alt", "\"scales\": null", "\"scales\": [1.0, 1.0]", "scales"),
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

    @Test(arguments: [
        ("action.scale", Float(0), "cannot be undone"), ("pose.offset", .infinity, "not finite"), ("model.final_conv.1.bias", .infinity, "not finite"),
    ])
    func `numbers that no policy can work with are refused by their tensor`(name: String, value: Float, words: String) throws {
        let written = try WrittenPolicies(cameras: []), path = written.folder + "/diffusion/model.safetensors"
        _ = try written.diffusion(written.storedDiffusion)
        let file = try Safetensors.read(path)
        try Safetensors.write(
            file.names.map { own in
                var tensor = file.tensors[own] ?? Tensor(0)
                if own.hasSuffix(name) { tensor.values[0] = value }
                return (own, tensor)
            }, metadata: [:], to: path)
        let failure = try #require(throws: Failure.self) {
            _ = try PolicyFolder.read(written.folder + "/diffusion").policy(from: written.folder + "/diffusion", pool: written.pool)
        }
        #expect(failure.kind == .data && failure.what.contains(words) && failure.location?.contains(name) == true, "\(failure)")
    }

    @Test func `a question that the policy has no answer to is refused`() throws {
        let written = try WrittenPolicies(), observation = written.observation()
        _ = try (written.diffusion(written.storedDiffusion), written.table(.head, pose: false))
        let table = try PolicyQuery(written.folder, policy: "alt"), rows = written.windows.count
        #expect(try table.answer(observation, samples: rows, pool: written.pool).seed == nil)
        for (samples, seed) in [(rows + 1, nil), (0, nil), (1, 7)] as [(Int, Int?)] {
            #expect { try table.answer(observation, samples: samples, seed: seed, pool: written.pool) } throws: { ($0 as? Failure)?.kind == .usage }
        }
        var far = observation
        far.lowDim[1][0] = 3e38
        let diffusion = try PolicyQuery(written.folder)
        #expect(try diffusion.answer(observation, samples: 1, pool: written.pool).seed == 0)
        #expect { try diffusion.answer(observation, samples: 1, seed: -1, pool: written.pool) } throws: { ($0 as? Failure)?.kind == .usage }
        #expect { try diffusion.answer(far, samples: 1, pool: written.pool) } throws: { ($0 as? Failure)?.kind == .data }
    }

    @Test func `demonstrations with a key that a policy's files need are refused before anything is trained`() throws {
        var keys = ObservedKeys(try WrittenPolicies().set)
        try keys.check(of: "lift.hdf5")
        keys.lowDim[1] = "action"
        let failure = try #require(throws: Failure.self) { try keys.check(of: "lift.hdf5") }
        #expect(failure.kind == .data && failure.location == "lift.hdf5: action" && failure.remedy?.contains("data.low_dim") == true)
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
        #expect { try PolicyQuery(written.folder + "/alt", policy: "alt") } throws: { ($0 as? Failure)?.kind == .usage }
        #expect { try PolicyQuery(written.folder, policy: "alt", sampler: .ddim) } throws: { ($0 as? Failure)?.kind == .usage }
    }

    @Test func `an observation is read back, and one of another shape or type is refused by its key`() throws {
        let written = try WrittenPolicies(), keys = ObservedKeys(written.set), observation = written.observation(), path = written.folder + "/now.safetensors"
        let (floats, bytes) = ObservationFile.tensors(of: observation, keys)
        try Safetensors.write(floats + [("unasked", Tensor(.nan))], bytes: bytes, metadata: [:], to: path, rejectNaN: false)
        let read = try ObservationFile.read(path, keys, steps: 2)
        #expect(read.images == observation.images && read.lowDim == observation.lowDim)
        #expect { try ObservationFile.read(path, keys, steps: 3) } throws: { ($0 as? Failure)?.expected == "[3, 14, 17, 3]" }
        try Safetensors.write(floats, bytes: [bytes[0]], metadata: [:], to: path)
        #expect { try ObservationFile.read(path, keys, steps: 2) } throws: { ($0 as? Failure)?.expected == "uint8 tensor hand_image" }
        var endless = floats
        for value in [Float.infinity, .nan] {
            endless[1].tensor.values[1] = value
            try Safetensors.write(endless, bytes: bytes, metadata: [:], to: path, rejectNaN: false)
            #expect { try ObservationFile.read(path, keys, steps: 2) } throws: {
                ($0 as? Failure)?.location?.contains("gripper") == true && ($0 as? Failure)?.remedy?.contains("save every") == true
            }
        }
    }
}
