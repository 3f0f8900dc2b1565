import Basics
import Demonstrations
import Foundation
import Images
import Policies
import Safetensors
import TestSupport
import Testing

@testable import PolicyFolders

/// lerobot's folders that are not what they should be, or ask for what this program does not have.
@Suite(.enabled(if: !LeRobotGolden.variants.isEmpty, LeRobotGolden.missing)) struct LeRobotFailureTests {
    private let pool = WorkerPool(workers: 2)
    private static let normalizer = "policy_preprocessor_step_3_normalizer_processor.safetensors"

    /// The weights are written once: every test of a golden changes a copy of what lies beside them.
    private struct Shared {
        let golden: LeRobotGolden
        init(_ name: String) throws {
            golden = try LeRobotGolden(LeRobotGolden.path(name))
            try golden.writeModel()
        }
        /// A folder of its own, its weights a link to the shared ones.
        func copy() throws -> LeRobotGolden {
            let copy = try LeRobotGolden(golden.source)
            try FileManager.default.createSymbolicLink(atPath: "\(copy.folder)/model.safetensors", withDestinationPath: "\(golden.folder)/model.safetensors")
            return copy
        }
    }
    private static let pusht = Result { try Shared("pusht") }
    private static let separate = Result { try Shared("batch_norm_separate") }

    private func replace(_ old: String, _ new: String, in path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try #require(text.contains(old), "\(old) is not in \(path)")
        try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: path))
    }

    private func refusal(_ folder: String) throws -> Failure {
        try #require(throws: Failure.self) { _ = try LeRobotFolder.read(folder).policy(pool: pool) }
    }

    @Test(arguments: [
        ("\"type\": \"diffusion\"", "\"type\": \"act\"", "type"),
        ("\"resnet18\"", "\"resnet50\"", "vision_backbone"),
        ("\"num_inference_steps\": 100", "\"num_inference_steps\": 101", "num_inference_steps"),
        ("\"squaredcos_cap_v2\"", "\"sigmoid\"", "beta_schedule"),
        ("\"epsilon\"", "\"v_prediction\"", "prediction_type"),
        ("\"horizon\": 16", "\"horizon\": 12", "horizon"),
        ("\"n_action_steps\": 8", "\"n_action_steps\": 16", "n_action_steps"),
        ("\"kernel_size\": 5", "\"kernel_size\": 4", "kernel_size"),
        ("\"n_groups\": 8", "\"n_groups\": 7", "down_dims"),
        ("\"diffusion_step_embed_dim\": 128", "\"diffusion_step_embed_dim\": 7", "diffusion_step_embed_dim"),
        ("\"use_peft\": false", "\"use_peft\": true", "use_peft"),
        ("\"STATE\": \"MIN_MAX\"", "\"STATE\": \"MEAN_STD\"", "norm_map.STATE"),
        ("\"STATE\": \"MIN_MAX\"", "\"STATE\": \"LOG\"", "normalization_mapping.STATE"),
        ("\"clip_sample_range\": 1.0", "\"clip_sample_range\": 0", "clip_sample_range"),
        ("\"horizon\": 16,", "", "horizon"),
        ("\"horizon\": 16,", "\"horizon\": 16, \"horizon\": 32,", "config.json"),
        // Sizes that no memory has are found in the description or the weights' header.
        ("\"spatial_softmax_num_keypoints\": 32", "\"spatial_softmax_num_keypoints\": 4000000000", "spatial_softmax_num_keypoints"),
        ("\"spatial_softmax_num_keypoints\": 32", "\"spatial_softmax_num_keypoints\": 1024", "diffusion.rgb_encoder.pool.nets.weight"),
        ("\"n_obs_steps\": 2", "\"n_obs_steps\": 9", "cond_encoder.1.weight"),
        ("32,\n        64,\n        128", "8192,\n        8192,\n        8192", "diffusion.unet"),
        ("\"crop_shape\": [\n        84,\n        84", "\"crop_shape\": [\n        90,\n        64", "diffusion.rgb_encoder.pool.pos_grid"),
        ("\"crop_shape\": [\n        84,\n        84", "\"crop_shape\": [\n        97,\n        84", "crop_shape"),
        ("\"use_group_norm\": true", "\"use_group_norm\": false", "running_var"),
        ("\"use_separate_rgb_encoder_per_camera\": false", "\"use_separate_rgb_encoder_per_camera\": true", "rgb_encoder.0"),
        ("\"use_film_scale_modulation\": true", "\"use_film_scale_modulation\": false", "cond_encoder.1"),
        ("\"observation.images.image\"", "\"observation.images.other\"", "observation.images.other"),
        ("\"observation.state\"", "\"observation.pose\"", "input_features"),
    ])
    func `a description of what is not supported, or not of these weights, is refused by its key`(old: String, new: String, place: String) throws {
        let copy = try Self.pusht.get().copy()
        try replace(old, new, in: "\(copy.folder)/config.json")
        let failure = try refusal(copy.folder)
        #expect(failure.kind == .data && failure.location?.contains(place) == true, "\(failure)")
        #expect(failure.remedy != nil && failure.found != nil, "\(failure)")
    }

    @Test(arguments: ["policy_postprocessor.json", normalizer, "policy_postprocessor_step_0_unnormalizer_processor.safetensors", "config.json", "model.safetensors"])
    func `a file that is not there is named`(file: String) throws {
        let copy = try Self.pusht.get().copy()
        try FileManager.default.removeItem(atPath: "\(copy.folder)/\(file)")
        let failure = try refusal(copy.folder)
        #expect(failure.kind == .inputMissing && failure.location?.contains(file) == true, "\(failure)")
    }

    @Test func `no statistics anywhere are an error`() throws {
        let copy = try Self.pusht.get().copy()
        for name in ["policy_preprocessor.json", "policy_postprocessor.json"] { try FileManager.default.removeItem(atPath: "\(copy.folder)/\(name)") }
        let failure = try refusal(copy.folder)
        #expect(failure.kind == .inputMissing && failure.what.contains("statistics"), "\(failure)")
    }

    @Test(arguments: [
        ("policy_preprocessor.json", "\"rename_map\": {}", "\"rename_map\": {\"a\": \"b\"}", "rename_map"),
        ("policy_preprocessor.json", "to_batch_processor", "relative_actions_processor", "registry_name"),
        ("policy_preprocessor.json", "normalizer_processor\"", "identity_processor\"", "registry_name"),
        ("policy_preprocessor.json", "policy_preprocessor_step_3", "../policy_preprocessor_step_3", "state_file"),
        ("policy_preprocessor.json", "policy_preprocessor_step_3", "policy_preprocessor_step_4", "policy_preprocessor_step_4"),
        ("policy_preprocessor.json", "\"observation.state\"", "\"observation.pose\"", "observation.state"),
        ("policy_postprocessor.json", "\"ACTION\": \"MIN_MAX\"", "\"ACTION\": \"IDENTITY\"", "norm_map.ACTION"),
    ])
    func `a processor that does something else is refused by its key`(file: String, old: String, new: String, place: String) throws {
        let copy = try Self.pusht.get().copy()
        try replace(old, new, in: "\(copy.folder)/\(file)")
        let failure = try refusal(copy.folder)
        #expect(failure.location?.contains(place) == true, "\(failure)")
    }

    /// A statistic left out, of another shape, not finite, or of no data.
    @Test(arguments: ["observation.images.image.std", "observation.state.min", "action.max"], [nil, [3, 2], [Float.infinity], [-9]] as [[Float]?])
    func `a statistic that is missing or wrong is refused by its name`(name: String, values: [Float]?) throws {
        let copy = try Self.pusht.get().copy(), path = "\(copy.folder)/\(Self.normalizer)", file = try Safetensors.read(path)
        try Safetensors.write(
            file.names.compactMap { own in
                guard own == name, let tensor = file.tensors[own] else { return file.tensors[own].map { (own, $0) } }
                guard let values else { return nil }
                if values.count == 2 { return (own, Tensor(shape: [1, 2], values: values)) }
                // Below every minimum: no spread of any data. A minimum itself is set above its maximum.
                let value = own.hasSuffix("min") ? -values[0] : values[0]
                return (own, Tensor(shape: tensor.shape, values: tensor.values.map { _ in value }))
            }, metadata: [:], to: path)
        let failure = try refusal(copy.folder)
        let part = String(name.split(separator: ".").dropLast().joined(separator: "."))
        #expect(failure.kind == .data && failure.location?.contains(part) == true, "\(failure)")
    }

    @Test func `statistics of another training's actions are not undone`() throws {
        let copy = try Self.pusht.get().copy(), path = "\(copy.folder)/policy_postprocessor_step_0_unnormalizer_processor.safetensors"
        let file = try Safetensors.read(path)
        try Safetensors.write(
            file.names.compactMap { own in file.tensors[own].map { (own, Tensor(shape: $0.shape, values: $0.values.map { 2 * $0 })) } }, metadata: [:], to: path)
        #expect(try refusal(copy.folder).what.contains("another way"))
    }

    /// The header's bytes in place: a name of the same length, so that one tensor is missing and one left over.
    @Test(arguments: [
        ("pusht", "diffusion.unet.final_conv.1.bias", "diffusion.unet.final_conv.1.bims"),
        ("separate", "rgb_encoder.1.backbone.7.1.bn2.running_mean", "rgb_encoder.1.backbone.7.1.bn2.running_meal"),
    ])
    func `a tensor that is missing is named`(policy: String, old: String, new: String) throws {
        let shared = try (policy == "pusht" ? Self.pusht : Self.separate).get()
        let copy = try changed(shared) { data in
            let range = try #require(data.range(of: Data(old.utf8)))
            data.replaceSubrange(range, with: Data(new.utf8))
        }
        let failure = try refusal(copy.folder)
        #expect(failure.what == "a tensor is missing" && failure.location?.contains(old) == true && failure.found?.contains(new) == true, "\(failure)")
    }

    @Test func `a tensor left over, a NaN and other positions are named`() throws {
        let shared = try Self.pusht.get(), source = try LeRobotGolden(shared.golden.source)
        try source.writeModel(extra: [("diffusion.unet.extra.weight", Tensor(1))])
        let left = try refusal(source.folder)
        #expect(left.what.contains("belongs to nothing") && left.location?.contains("diffusion.unet.extra.weight") == true, "\(left)")
        for (name, words) in [("diffusion.unet.final_conv.1.bias", "not finite"), ("diffusion.rgb_encoder.pool.pos_grid", "not finite")] {
            let copy = try changed(shared) { try Self.poke(.nan, name, &$0) }
            let failure = try refusal(copy.folder)
            #expect(failure.what.contains(words) && failure.location?.contains(name) == true, "\(failure)")
        }
        let copy = try changed(shared) { try Self.poke(0.5, "diffusion.rgb_encoder.pool.pos_grid", &$0) }
        #expect(try refusal(copy.folder).what.contains("positions"))
    }

    @Test func `pictures that are too small are refused by their camera`() throws {
        let copy = try Self.pusht.get().copy(), policy = try LeRobotFolder.read(copy.folder).policy(pool: pool)
        let small = RGBImage(width: 96, height: 83, red: 0, green: 0, blue: 0)
        let observation = Observation(images: [[small], [small]], lowDim: [[0, 0], [0, 0]], source: nil)
        let failure = try #require(throws: Failure.self) { _ = try policy.predict([observation], samples: 1, seed: Seed(0)) }
        #expect(failure.location == "observation.images.image" && failure.found == "83 x 96", "\(failure)")
    }

    private func changed(_ shared: Shared, _ change: (inout Data) throws -> Void) throws -> LeRobotGolden {
        let copy = try LeRobotGolden(shared.golden.source)
        var data = try Data(contentsOf: URL(fileURLWithPath: "\(shared.golden.folder)/model.safetensors"))
        try change(&data)
        try data.write(to: URL(fileURLWithPath: "\(copy.folder)/model.safetensors"))
        return copy
    }

    /// Sets a tensor's first number.
    private static func poke(_ value: Float, _ name: String, _ data: inout Data) throws {
        let length = data.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        let header = try #require(try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: [String: Any]])
        let offsets = try #require(header[name]?["data_offsets"] as? [Int])
        withUnsafeBytes(of: value) { data.replaceSubrange(8 + length + offsets[0]..<8 + length + offsets[0] + 4, with: Data($0)) }
    }
}
