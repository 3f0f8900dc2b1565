import Basics
import Demonstrations
import Foundation
import Images
import Probes
import Runs
import Synchronization
import Tabletop
import Testing
import TestSupport

@testable import Study

@Suite struct QueryConditionsTests {
    /// What a study of `path` asks about.
    static func conditions(_ path: String, _ overrides: [String] = []) throws -> QueryConditions {
        let experiment = try TinyStudy(data: path).experiment
        let settings = try ExperimentFile.load(
            experiment.path, overrides: ["probes.images_per_class=3"] + overrides
        ).settings
        let data = try StudyData(settings, sha256: "", progress: nil)
        return QueryConditions(data: data, settings: settings, files: try PictureFiles(settings, for: data))
    }

    private static func embedded(_ overrides: [String] = []) throws -> QueryConditions {
        try conditions(TinyStudy.dataset.get(), overrides)
    }

    @Test func `the rungs of embedded data come in the order of the ladder`() throws {
        let all = try Self.embedded().all()
        #expect(
            all.map(\.condition.name) == [
                "train", "heldout", "colour_shift", "light_shift", "camera_shift", "distractors", "cube_color", "table_texture",
                "other_task", "texture", "cat", "dog", "noise", "blank", "pixel_shuffled", "shuffled_image",
            ])
        let rungs = Dictionary(uniqueKeysWithValues: all.map { ($0.condition.name, $0.rung) })
        #expect(all.map(\.rung) == all.map(\.rung).sorted())
        #expect(QueryConditions.rung(ofPairs: "clean") == rungs["heldout"])
        #expect(QueryConditions.rung(ofPairs: "light") == rungs["light_shift"])
        #expect(try #require(rungs["texture"]) < #require(rungs["noise"]))
    }

    @Test func `photographs and the user's own pictures come with the textures, before what is drawn`() throws {
        let folder = try SharedData.temporaryFolder()
        try FileManager.default.createDirectory(atPath: folder + "/zebra", withIntermediateDirectories: true)
        try RGBImage(width: 4, height: 4, color: .white).write(png: folder + "/zebra/one.png")
        let all = try Self.embedded(["probes.photographs=\(folder)", "probes.image_folder=\(folder)/zebra"]).all()
        let names = all.map(\.condition.name)
        let first = try #require(names.firstIndex(of: "texture"))
        #expect(names[first...].prefix(5) == ["texture", "photograph_zebra", "folder", "cat", "dog"])
    }

    @Test func `a condition of any name has the rung it is made with, and those of one rung stay as they are`() {
        func condition(_ name: String, _ rung: Rung) -> QueryCondition {
            QueryCondition(Condition(name), rung, frames: [], cluster: [], unit: "picture", steps: 1) { _, _ in
                Observation(images: [], lowDim: [], source: nil)
            }
        }
        let conditions = [
            condition("checkerboard", .noise), condition("a_kind_nobody_knew", .pictures), condition("train", .trained),
            condition("another", .pictures), condition("contradiction", .contradictory), condition("b", .noise),
        ]
        #expect(
            QueryConditions.sorted(conditions).map(\.condition.name) == [
                "train", "a_kind_nobody_knew", "another", "checkerboard", "b", "contradiction",
            ])
        let ranked = OutOfDistributionImages.Kind.allCases.map { Rung($0) }
        #expect(ranked.allSatisfy { $0 > .otherTask && $0 < .shuffledPixels })
    }

    @Test func `a condition is rendered when its observations are asked for, and once`() {
        let count = Mutex(0)
        let condition = QueryCondition(
            .train, .trained, frames: [FrameReference(demonstration: 0, frame: 3)], cluster: [0], unit: "picture", steps: 1
        ) { _, _ in
            count.withLock { $0 += 1 }
            return Observation(images: [], lowDim: [], source: nil)
        }
        #expect(condition.condition == .train && count.withLock { $0 } == 0)
        _ = (condition.observations, condition.observations)
        #expect(count.withLock { $0 } == 1)
    }

    @Test(arguments: TabletopGenerator.tasks.map(\.name))
    func `rendering a recorded state again gives the recorded picture`(task: String) throws {
        var settings = TabletopGenerator.Configuration()
        (settings.task, settings.demonstrations) = (task, 2)
        let path = try SharedData.temporaryFolder() + "/\(task).hdf5"
        let console = Console(isTerminal: false, isQuiet: true) { _ in }
        _ = try DatasetGeneration.write(settings, to: path, workers: 2, progress: ProgressReporter(console))
        let set = try RobomimicFile.load(DatasetSelection(path: path), workers: 2)
        let scenes = try #require(try RecordedScenes(set, demonstrations: [0, 1]))
        #expect(RecordedScenes.task(of: set)?.name == task && scenes.fixtures.isEmpty == task.hasPrefix("lift"))
        for demonstration in [0, 1] {
            for frame in stride(from: 0, to: set.episodes[demonstration].length, by: 7) {
                let place = FrameReference(demonstration: demonstration, frame: frame)
                let drawn = scenes.images(place, steps: 1, .standard)[0]
                for (camera, picture) in drawn.enumerated() {
                    let recorded = set.image(place, camera: camera)
                    let differences = zip(picture.pixels, recorded.pixels).map { abs(Int($0) - Int($1)) }
                    let changed = differences.count { $0 > 0 }, clearly = differences.count { $0 > 2 }
                    // States are loaded in single precision: an edge may fall on the other side of a sample.
                    let isSame = changed <= differences.count / 20 && clearly <= differences.count / 1000
                    #expect(isSame, "\(place): \(changed) values differ, \(clearly) clearly")
                }
            }
        }
    }

    @Test func `only the picture is altered, the same way whenever it is asked`() throws {
        let conditions = try Self.embedded(), again = try Self.embedded()
        let steps = conditions.data.layout.observationSteps
        for (condition, other) in zip(try conditions.all(), try again.all()) {
            for (index, observation) in condition.observations.enumerated() {
                let frame = condition.frames[index], own = conditions.data.set.observation(frame, steps: steps)
                #expect(observation.lowDim == own.lowDim && observation.source == frame)
                let isUnchanged = observation.images == own.images
                #expect(isUnchanged == condition.hasTruth, "\(condition.condition)")
                let same = observation.images == other.observations[index].images
                #expect(same, "\(condition.condition)")
            }
        }
    }

    @Test func `what was seen earlier is the frame executed steps before, altered alike; foreign pictures stand still`() throws {
        let conditions = try Self.embedded(), data = conditions.data
        let scenes = try #require(try RecordedScenes(data.set, demonstrations: data.split.query))
        for condition in try conditions.all() {
            let earlier = condition.earlier
            for (index, frame) in condition.frames.enumerated() {
                let before = max(0, frame.frame - data.layout.executedSteps)
                #expect(earlier[index].source == FrameReference(demonstration: frame.demonstration, frame: before))
                let standsStill = earlier[index].images == condition.observations[index].images
                if condition.unit == "picture" { #expect(standsStill, "\(condition.condition)") }
            }
        }
        let cubes = try #require(try conditions.all().first { $0.condition.name == "cube_color" })
        let frame = try #require(cubes.earlier[0].source)
        let appearance = SceneAppearance.varied(.cubeColor, seed: conditions.settings.root / "shifts" / 0)
        let same = scenes.images(frame, steps: data.layout.observationSteps, appearance) == cubes.earlier[0].images
        #expect(same)
    }

    @Test func `frames of another file replace the pictures and a broken one is named`() throws {
        let path = try TinyStudy.dataset.get()
        let other = try #require(try Self.embedded(["probes.other_task=\(path)"]).otherTask())
        #expect(other.observations.count == 3 && other.unit == "picture")
        let set = try Self.embedded().data.set
        let shown = set.episodes[0].length / 6
        let expected = set.image(FrameReference(demonstration: 0, frame: shown), camera: 0)
        #expect(Difference.first(other.observations[0].images[1][0].pixels, expected.pixels) == nil)
        let broken = SharedData.fixture("hdf5/text.hdf5")
        for key in ["other_task", "distractor_pairs"] {
            let failure = try #require(throws: Failure.self) { try Self.embedded(["probes.\(key)=\(broken)"]).all() }
            #expect(failure.location?.contains("text.hdf5") == true)
        }
    }

    @Test func `a file without pairs is refused and says what is missing`() throws {
        let failure = try #require(throws: Failure.self) {
            try Self.embedded(["probes.distractor_pairs=\(try TinyStudy.dataset.get())"]).all()
        }
        #expect(failure.kind == .data && failure.what.contains("more than one step"))
        #expect(failure.location?.contains("demo_0") == true)
    }
}
