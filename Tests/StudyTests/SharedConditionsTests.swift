import Basics
import Demonstrations
import Testing
import TestSupport

@testable import Study

/// Conditions of real robosuite files.
@Suite(.enabled(if: SharedData.beside("data/lift_distractors.hdf5") != nil, "needs ../shared/data"))
struct SharedConditionsTests {
    private func path(_ name: String) throws -> String { try #require(SharedData.beside("data/\(name).hdf5")) }

    private func conditions(_ overrides: [String] = []) throws -> QueryConditions {
        let size = ["data.split.train=12", "data.split.reference=12", "data.demonstrations=60"]
        return try QueryConditionsTests.conditions(
            path("lift"), size + ["probes.distractor_pairs=\(path("lift_distractors"))"] + overrides)
    }

    @Test func `pairs of demonstrations that are trained on or not loaded are left out`() throws {
        let conditions = try conditions(), data = conditions.data
        let held = try #require(conditions.files.pairs)
        // The sources are demo_0, demo_2, ... demo_98; the file has demo_0 to demo_59.
        #expect(held.absent == 20)
        let trained = data.split.train.count { data.set.episodes[$0].name.hasSuffix(where: [0, 2, 4, 6, 8]) }
        #expect(held.trained == trained && held.count == 30 - trained)
        let all = try conditions.all()
        #expect(all.map(\.condition.name).filter { $0.hasPrefix("pairs_") } == ["pairs_clean", "pairs_camera", "pairs_cube_color", "pairs_objects"])
        let clean = try #require(all.first { $0.condition.name == "pairs_clean" })
        for (index, frame) in clean.frames.enumerated() {
            let shown = clean.observations[index].images[1], own = data.set.observation(frame, steps: 1).images[0]
            #expect(Difference.first(shown.flatMap(\.pixels), own.flatMap(\.pixels)) == nil)
        }
        let altered = all.filter { $0.condition.name.hasPrefix("pairs_") && $0.condition.name != "pairs_clean" }
        #expect(altered.flatMap(\.cluster).sorted() == clean.cluster.sorted())
        for condition in altered {
            for (index, pair) in condition.cluster.enumerated() {
                let place = try #require(clean.cluster.firstIndex(of: pair))
                #expect(condition.observations[index].lowDim == clean.observations[place].lowDim)
                #expect(condition.observations[index].images != clean.observations[place].images)
            }
        }
    }

    @Test func `another task is shown under held-out poses, and light and camera shift the picture`() throws {
        let all = try conditions(["probes.other_task=\(path("can_mini"))"]).all()
        let names = all.map(\.condition.name)
        #expect(names.contains("other_task") && names.contains("light_shift") && names.contains("camera_shift"))
        #expect(!names.contains("table_texture"))
        let camera = try #require(all.first { $0.condition.name == "camera_shift" })
        let own = try conditions().data.set.observation(camera.frames[0], steps: 2).images
        #expect(camera.observations[0].images[1][0] != own[1][0])
        #expect(Difference.first(camera.observations[0].images[1][1].pixels, own[1][1].pixels) == nil, "the camera on the hand stays")
    }

    @Test func `pairs of another recording are refused`() throws {
        let failure = try #require(throws: Failure.self) {
            try QueryConditionsTests.conditions(
                path("can_mini"),
                [
                    "data.split.train=2", "data.split.reference=2", "probes.distractor_pairs=\(path("lift_distractors"))",
                ]
            ).all()
        }
        #expect(failure.kind == .data && failure.remedy?.contains("pairs made from") == true)
    }
}

extension String {
    /// Whether the last digit is one of `digits`.
    fileprivate func hasSuffix(where digits: [Int]) -> Bool { digits.contains { hasSuffix("\($0)") } }
}
