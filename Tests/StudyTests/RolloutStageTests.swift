import Basics
import Foundation
import Probes
import Runs
import Testing

@testable import Study

@Suite struct RolloutStageTests {
    @Test func `every policy that can act has its episodes from the same starts, the two compared first have more`() throws {
        let run = try TinyStudy.finished.get()
        let rows = try EpisodeRecord.read(run + "/rollouts.csv")
        let plain = rows.filter { $0.condition == .closedLoop }
        func starts(_ policy: String, _ rows: [EpisodeRecord]) -> [Int] { rows.filter { $0.policy.name == policy && $0.demonstrations == 2 }.map(\.start) }
        for policy in ["diffusion_ddpm", "behaviour_cloning", "pixel_nearest", "vinn", "expert", "replay_random", "state_ddpm_s1", "closed_form"] {
            #expect(starts(policy, plain) == [0, 1], "\(policy)")
        }
        #expect(starts("alt", plain) == [0, 1, 2] && starts("diffusion_ddim", plain) == [0, 1, 2])
        // Other numbers of demonstrations are asked of the low-dim policy and its table.
        #expect(Set(plain.filter { $0.demonstrations == 3 }.map(\.policy.name)) == ["state_ddpm_s0", "state_nearest"])
        #expect(starts("alt", rows.filter { $0.condition == .objectMoved }) == [0, 1])
        let reference = rows.filter { $0.condition == .closedLoopReference }
        #expect(Set(reference.map(\.policy.name)) == ["alt", "diffusion_ddim"] && starts("alt", reference) == [0, 1])
        // Their places are none of those that are compared.
        #expect(Set(reference.map(\.startDistance)).isDisjoint(with: plain.map(\.startDistance)))
        for row in rows {
            #expect(row.steps <= 20 && row.progress <= 1 && row.isSuccess == (row.progress == 1))
            #expect(row.recalled.count == row.queries && row.queries == (row.steps + 7) / 8)
            // No start is one that a policy was trained on.
            #expect(row.startDistance > 1e-4)
        }
        // The start alone decides it, not the policy.
        for (_, own) in Dictionary(grouping: rows.filter { $0.demonstrations == 2 && $0.condition != .closedLoopReference }, by: \.start) { #expect(Set(own.map(\.startDistance)).count == 1) }
        let strips = try FileManager.default.contentsOfDirectory(atPath: run + "/sheets").filter { $0.hasPrefix("rollout_") }
        #expect(strips.count >= 2 && strips.allSatisfy { $0.contains("_alt_") || $0.contains("_diffusion_ddim_") })
    }

    @Test func `more starts run the new ones alone, and a policy named wrongly is named`() throws {
        let tiny = try TinyStudy()
        _ = try tiny.run("results", ["rollouts.policies=[alt]"])
        let before = tiny.said.all.count
        let more = try tiny.run("results", ["rollouts.policies=[alt, pixel_nearest]"])
        let rows = try EpisodeRecord.read(more.path + "/rollouts.csv")
        #expect(Set(rows.map(\.policy.name)) == ["alt", "diffusion_ddim", "pixel_nearest"])
        #expect(tiny.said.all.count > before)
        #expect {
            try tiny.run("results", ["rollouts.policies=[pixel_neerest]"])
        } throws: {
            "\($0)".contains("pixel_neerest") && "\($0)".contains("pixel_nearest")
        }
        // Monitors followed both from their first query to their last.
        let monitored = try String(contentsOfFile: more.path + "/probes/p21_episodes.csv", encoding: .utf8)
        for name in ["alt_similarity", "pixel_distance", "knn_true_state", "rnd", "ddpm_loss", "temporal_consistency", "elapsed_steps"] {
            #expect(monitored.contains(",alt,\(name),") && monitored.contains(",diffusion_ddim,\(name),"), "\(name)")
        }
        let unfollowed = try tiny.run("results", ["rollouts.policies=[alt]", "rollouts.reference_starts=0"])
        #expect(try String(contentsOfFile: unfollowed.path + "/probes/p21_episodes.csv", encoding: .utf8).split(separator: "\n").count == 1)
        #expect(try EpisodeRecord.read(unfollowed.path + "/rollouts.csv").allSatisfy { $0.condition != .closedLoopReference })
        let none = try tiny.run("results", ["rollouts.policies=[]"])
        #expect(!FileManager.default.fileExists(atPath: none.path + "/rollouts.csv"))
        #expect(try String(contentsOfFile: none.path + "/probes.csv", encoding: .utf8).contains("rollouts.policies is empty"))
    }
}
