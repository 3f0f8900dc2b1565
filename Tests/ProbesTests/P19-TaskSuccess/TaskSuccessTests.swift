import Basics
import Testing

@testable import Probes

@Suite struct TaskSuccessTests {
    private let study = EpisodeStudy()

    @Test func `the same outcomes are equivalent, fewer are worse, and few starts decide nothing`() throws {
        let policy = study.episodes("diffusion_ddim", success: { $0 % 10 != 0 }, starts: 300)
        func verdict(_ table: [EpisodeRecord]) throws -> SummaryRow? {
            try study.run(TaskSuccess(), policy + table).row("p19_difference", "alt", "closed_loop")
        }
        let same = try verdict(study.episodes("alt", success: { $0 % 10 != 1 }, starts: 300))
        #expect(same?.verdict == .equivalent && same?.value == 0 && same?.n == 300)
        let worse = try verdict(study.episodes("alt", success: { $0 % 2 == 0 }, starts: 300))
        #expect(worse?.verdict == .worse && abs((worse?.value ?? 0) + 0.4) < 1e-9 && worse?.control.name == "diffusion_ddim")
        #expect(try verdict(study.episodes("alt", success: { $0 % 10 > 1 }, starts: 30))?.verdict == .undecided)
    }

    @Test func `success is counted with Wilson's interval, and progress beside it`() throws {
        let result = try study.run(TaskSuccess(), study.episodes("alt", success: { $0 < 30 }))
        let row = try #require(result.row("p19_success", "alt", "closed_loop"))
        #expect(row.estimate == Wilson.estimate(share: 0.3, count: 100) && row.unit == "start")
        #expect(abs((result.row("p19_progress", "alt", "closed_loop")?.value ?? 0) - 0.58) < 1e-9)
    }

    @Test func `only starts that both policies have are paired`() throws {
        let result = try study.run(
            TaskSuccess(),
            study.episodes("diffusion_ddim", success: { _ in true }, starts: 40) + study.episodes("alt", success: { $0 < 40 }))
        let row = try #require(result.row("p19_difference", "alt", "closed_loop"))
        #expect(row.n == 40 && row.value == 0)
    }

    @Test func `policies share a letter unless they differ`() throws {
        let result = try study.run(
            TaskSuccess(),
            study.episodes("diffusion_ddim", success: { $0 % 10 != 0 }) + study.episodes("alt", success: { $0 % 10 != 5 })
                + study.episodes("mean", success: { _ in false }))
        #expect(result.table("p19_policies")?.texts("letters") == ["a", "a", "b"])
    }

    @Test func `a claim about the method is resampled over its training seeds`() throws {
        let nearest = PolicyID("state_nearest", .standInTable)
        func run(_ shares: [Int]) throws -> SummaryRow {
            let seeds = shares.enumerated().flatMap { seed, share in
                study.episodes(
                    PolicyID("state_ddpm_s\(seed)", seed == 0 ? .standIn : .standInSeed), success: { $0 < share }, seed: seed,
                    family: "state_ddpm")
            }
            return try #require(
                try study.run(TaskSuccess(), seeds + study.episodes(nearest, success: { $0 < 50 }))
                    .row("p19_method_difference", "state_nearest", "closed_loop"))
        }
        let alike = try run([80, 80, 80]), apart = try run([40, 80, 120].map { min($0, 100) })
        #expect(abs((alike.value ?? 0) + 0.3) < 1e-9 && alike.verdict == .worse && alike.n == 3)
        // Seeds that differ much leave the method undecided, though each has a hundred starts.
        #expect((apart.high ?? 0) - (apart.low ?? 0) > 2 * ((alike.high ?? 0) - (alike.low ?? 0)))
        #expect(apart.verdict == .undecided)
    }

    @Test func `success is shown by quarters of the distance to the nearest training start, and by number of demonstrations`() throws {
        let result = try study.run(
            TaskSuccess(),
            study.episodes("state_ddpm_s0", success: { $0 % 100 < 50 }, distance: { Double($0) })
                + study.episodes("state_ddpm_s0", success: { $0 < 20 }, demonstrations: 4))
        #expect(result.table("p19_distance")?.numbers("success") == [1, 1, 0, 0])
        #expect(result.row("p19_success_n4", "state_ddpm_s0", "closed_loop")?.value == 0.2)
        #expect(result.row("p19_success_n16", "state_ddpm_s0", "closed_loop")?.value == 0.5)
        // Starts of which no distance is known are in no quarter.
        let some = try study.run(TaskSuccess(), study.episodes("alt", success: { $0 < 50 }, distance: { $0 % 2 == 0 ? Double($0) : .nan }))
        #expect(some.table("p19_distance")?.numbers("n") == [12, 13, 12, 13] && some.table("p19_distance")?.numbers("success") == [1, 1, 0, 0])
    }

    @Test func `an audited policy with its own sampler alone is what the table is compared with`() throws {
        let policy = study.episodes(PolicyID("audited", .subject), success: { $0 % 10 != 0 }, starts: 300)
        let result = try study.run(TaskSuccess(), policy + study.episodes("alt", success: { $0 % 10 != 1 }, starts: 300))
        let row = try #require(result.row("p19_difference", "alt", "closed_loop"))
        #expect(row.verdict == .equivalent && row.control.name == "audited" && row.against == .sampler)
    }

    @Test func `the claim needs a table as good as the policy and better than the nearest pixels`() throws {
        func claim(_ table: (Int) -> Bool, _ pixels: (Int) -> Bool) throws -> Claim? {
            var measurements = Measurements()
            measurements[EpisodeRecord.self] =
                study.episodes("diffusion_ddim", success: { $0 % 10 != 0 }, starts: 300)
                + study.episodes("alt", success: table, starts: 300) + study.episodes("pixel_nearest", success: pixels)
            let heldout = study.study.generated("diffusion_ddpm", "heldout", asked: study.study.query)
            let asked = ["diffusion_ddim", "alt", "pixel_nearest"].map { (policy: PolicyID) in
                GeneratedChunks(
                    policy: policy, condition: "heldout", chunks: heldout.chunks, observation: heldout.observation, sample: heldout.sample,
                    truth: heldout.truth)
            }
            let context = try study.study.context([heldout] + asked, measurements)
            return Claims(try TaskSuccess().run(context).summary, context: context, probes: [TaskSuccess()]).all.first { $0.id == .c6 }
        }
        #expect(try claim({ $0 % 10 != 1 }, { $0 % 4 == 0 })?.verdict == .supported)
        #expect(try claim({ $0 % 10 != 1 }, { $0 % 10 != 1 })?.verdict == .undecided)
        #expect(try claim({ $0 % 2 == 0 }, { $0 % 4 == 0 })?.verdict == .refuted)
    }
}
