import Basics
import Demonstrations
import Foundation
import Images
import Networks
import Policies
import TestSupport
import Testing

@testable import PolicyFolders

/// How long a policy of the published size answers: lerobot's default widths, two cameras, a horizon of 16, 256 million
/// parameters drawn at random. Not among the tests: ALT_LEROBOT_SPEED=1 asks for it.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["ALT_LEROBOT_SPEED"] != nil, "set ALT_LEROBOT_SPEED to measure"))
struct LeRobotSpeedTests {
    @Test func `a policy of 256 million parameters answers sixty-four observations`() throws {
        let folder = try SharedData.temporaryFolder(), path = "\(folder)/config.json"
        let cameras = ["agentview", "wrist"].map { "\"observation.images.\($0)\": {\"type\": \"VISUAL\", \"shape\": [3, 84, 84]}" }
        try Data(
            """
            {"type": "diffusion", "n_obs_steps": 2, "horizon": 16, "n_action_steps": 8, "drop_n_last_frames": 7,
             "input_features": {\(cameras.joined(separator: ", ")), "observation.state": {"type": "STATE", "shape": [9]}},
             "output_features": {"action": {"type": "ACTION", "shape": [7]}},
             "normalization_mapping": {"VISUAL": "MEAN_STD", "STATE": "MIN_MAX", "ACTION": "MIN_MAX"},
             "vision_backbone": "resnet18", "crop_shape": [76, 76], "use_group_norm": true, "spatial_softmax_num_keypoints": 32,
             "use_separate_rgb_encoder_per_camera": true, "down_dims": [512, 1024, 2048], "kernel_size": 5, "n_groups": 8,
             "diffusion_step_embed_dim": 128, "use_film_scale_modulation": true, "noise_scheduler_type": "DDPM", "num_train_timesteps": 100,
             "beta_schedule": "squaredcos_cap_v2", "beta_start": 0.0001, "beta_end": 0.02, "prediction_type": "epsilon", "clip_sample": true,
             "clip_sample_range": 1.0, "num_inference_steps": null}
            """.utf8
        ).write(to: URL(fileURLWithPath: path))
        let network = LeRobotNetwork(try LeRobotDescription(file: path)).network, pool = WorkerPool(workers: 2)
        let parameters = network.store.makeBuffer()
        // Small numbers, quickly: their values do not change the time.
        for i in 0..<parameters.count { parameters.pointer[i] = Float(i % 1021 - 510) * 2e-5 }
        let picture = PicturePreparation(
            resized: nil, extent: ImageExtent(square: 76), channels: Array(repeating: .init(scale: 2, offset: -1, centre: 0), count: 3))
        let observations = (0..<64).map { index in
            let image = RGBImage(width: 84, height: 84, pixels: (0..<84 * 84 * 3).map { UInt8(($0 * 7 + index) % 251) })
            return Observation(images: [[image, image], [image, image]], lowDim: [[Float]](repeating: [Float](repeating: 0.1, count: 9), count: 2), source: nil)
        }
        func policy(_ steps: Int) -> DiffusionPolicy {
            DiffusionPolicy(
                network: network, parameters: parameters,
                normalizer: Normalizer(actionScale: .init(repeating: 1, count: 7), actionOffset: .init(repeating: 0, count: 7),
                    lowDimScale: .init(repeating: 1, count: 9), lowDimOffset: .init(repeating: 0, count: 9)),
                process: DenoisingProcess(.ddim, schedule: NoiseSchedule(steps: 100), steps: steps), pictures: [picture, picture], pool: pool)
        }
        // Of the processor, by core: beside other programs the clock on the wall tells of them too.
        func processor() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
        func seconds(_ body: () throws -> Void) rethrows -> Double {
            let start = ContinuousClock.now, before = processor()
            try body()
            let busy = (processor() - before) / Double(pool.workers)
            print("on the wall \(Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000) s, of each core \(busy) s")
            return busy
        }
        // The first call touches new memory.
        let few = policy(10), many = policy(30)
        _ = try few.predict(Array(observations.prefix(8)), samples: 1, seed: Seed(0))
        let encoding = seconds { _ = few.encode(observations) }, short = try seconds { _ = try few.predict(observations, samples: 1, seed: Seed(0)) }
        let long = try seconds { _ = try many.predict(observations, samples: 1, seed: Seed(0)) }
        let step = (long - short) / 20, rest = short - 10 * step
        print("of each core: parameters \(network.store.count), 64 observations: encoding \(encoding) s, 10 steps \(short) s, 30 steps \(long) s")
        // Fewer at once cost more each.
        let pieces = try seconds { _ = try few.predict(Array(observations.prefix(8)), samples: 1, seed: Seed(0)) }
        print("eight at once, DDIM-10: \(pieces) s; 1,056 sequences \(132 * pieces / 60) min")
        print("a step of 64 sequences \(step) s; 1,056 sequences: DDIM-10 \(16.5 * short / 60) min, DDPM-100 \(16.5 * (rest + 100 * step) / 60) min")
    }
}
