import Basics

@testable import Probes

/// Episodes with known chances.
struct EpisodeStudy {
    let study = SyntheticStudy()

    func episodes(
        _ policy: PolicyID, success: (Int) -> Bool, starts: Int = 100, condition: Condition = .closedLoop, seed: Int = 0,
        family: String? = nil, demonstrations: Int = 16, reaction: Int? = nil, distance: (Int) -> Double = { Double($0 % 10) / 100 }
    ) -> [EpisodeRecord] {
        (0..<starts).map { start in
            let isSuccess = success(start)
            return EpisodeRecord(
                task: "lift", condition: condition, policy: policy, family: family ?? policy.name, demonstrations: demonstrations,
                trainingSeed: seed, start: start, isSuccess: isSuccess, progress: isSuccess ? 1 : 0.4, steps: isSuccess ? 60 : 400,
                queries: isSuccess ? 8 : 50, flaggedShare: nil, firstFlag: nil, recalled: ["demo_1", "demo_1", "demo_2"], reaction: reaction,
                startDistance: distance(start))
        }
    }

    func run(_ probe: any Probe, _ episodes: [EpisodeRecord]) throws -> ProbeResult {
        var measurements = Measurements()
        measurements[EpisodeRecord.self] = episodes
        return try probe.run(study.context(measurements))
    }
}
