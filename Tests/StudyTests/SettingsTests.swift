import Basics
import Foundation
import Store
import Tabletop
import Testing
import TestSupport

@testable import Runs
@testable import Study

@Suite struct SettingsTests {
    /// A file that changes at least one value of every kind.
    private static let changed = """
        seed: 3
        workers: 1
        image: {crop: 64}
        diffusion:
          encoder: {variant: resnet18}
          training: {learning_rate: 3.0e-5, weight_decay: 0, gradient_clip: 1, betas: [0.9, 0.99]}
        alt: {threshold: {method: fixed, similarity: 0.5}}
        probes: {names: [p00, p03], image_folder: "my pictures", photographs: "0"}
        """

    @Test func `the resolved configuration reads back to equal settings`() throws {
        let first = try TemporaryExperiment.minimal(Self.changed).load("data.filter_key='null'", "data.low_dim=[a, 'true']").settings
        let text = try first.resolvedYAML()
        let second = try TemporaryExperiment(text).load().settings
        #expect(first == second)
        #expect(try second.resolvedYAML() == text)
        #expect(second.data.filterKey == "null")
        #expect(second.probes.photographs == "0")
    }

    @Test func `the resolved configuration holds every key and small numbers that other readers take for numbers`() throws {
        let text = try TemporaryExperiment.minimal().load().settings.resolvedYAML()
        for key in ["ema_maximum", "filter_key: null", "crop_scale: [0.9, 1.0]", "reference: 16", "learning_rate: 0.002"] {
            #expect(text.contains(key))
        }
        #expect(text.contains("weight_decay: 1.0e-06"))
        #expect(!text.contains("profiles"))
    }

    @Test func `the hash ignores seed, workers and the data's place and nothing else`() throws {
        let experiment = try TemporaryExperiment.minimal()
        let hash = try experiment.load().settings.configurationHash()
        #expect(hash.count == 8)
        #expect(try experiment.load("seed=9", "workers=7", "data.path=elsewhere.hdf5").settings.configurationHash() == hash)
        #expect(try experiment.load("probes.resamples=2001").settings.configurationHash() != hash)
        #expect(try experiment.load("data.generate={}").settings.configurationHash() != hash)
    }

    @Test func `the hash of a given file stays what it is`() throws {
        // Changing a default or a key changes every user's hashes: do it knowingly, and change this value.
        let hash = try TemporaryExperiment.minimal().load().settings.configurationHash()
        #expect(hash == "f280fc0f")
    }

    @Test(arguments: ["store", "bench"]) func `an experiment cannot have the name of a folder that holds no runs`(name: String) throws {
        let failure = try #require(try TemporaryExperiment.minimal().failure("experiment=\(name)"))
        #expect(failure.kind == .data && failure.expected?.contains("another name") == true)
    }

    @Test func `a stage's fingerprint is that of a group's resolved text`() throws {
        var settings = try TemporaryExperiment.minimal().load().settings
        var first = Fingerprint(), same = Fingerprint(), other = Fingerprint()
        try first.add("training", settings.diffusion.training)
        #expect(try first.parts["training"] == settings.diffusion.training.resolvedYAML())
        try same.add("training", settings.diffusion.training)
        #expect(same == first)
        settings.diffusion.training.auditedSteps = [10]
        try other.add("training", settings.diffusion.training)
        #expect(other.differences(from: first) == ["training"])
    }

    @Test func `the experiments that come with the project are valid`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(SharedData.root)/experiments").filter { $0.hasSuffix(".yaml") }
        #expect(files.count >= 5)
        var made: [String: TabletopGenerator.Configuration?] = [:]
        for file in files {
            let path = "\(SharedData.root)/experiments/\(file)"
            let plain = try ExperimentFile.load(path).settings, smoke = try ExperimentFile.load(path, profile: "smoke").settings
            let paper = try ExperimentFile.load(path, profile: "paper").settings
            #expect(plain.experiment + ".yaml" == file)
            #expect(smoke.diffusion.training.steps < plain.diffusion.training.steps)
            #expect(paper.diffusion.seeds > plain.diffusion.seeds)
            // A file that builds on another and has other demonstrations made must name a place of its own for them, in its smoke profile as well.
            for data in [plain.data, smoke.data] {
                if let before = made.updateValue(data.generate, forKey: data.path) { #expect(before == data.generate, "\(file): \(data.path)") }
            }
        }
    }

    @Test func `a file of two keys has the default study's settings and its profiles`() throws {
        let shipped = "\(SharedData.root)/experiments/tabletop-lift.yaml"
        for profile in [nil, "smoke", "paper"] {
            var own = try TemporaryExperiment.minimal().load(profile: profile).settings
            let settings = try ExperimentFile.load(shipped, profile: profile).settings
            #expect(own.data.generate == nil && own.data.cameras == nil && own.data.lowDim == nil && own.state.lowDim == nil)
            own.experiment = settings.experiment
            (own.data.path, own.data.generate) = (settings.data.path, settings.data.generate)
            (own.data.cameras, own.data.lowDim, own.state.lowDim) = (settings.data.cameras, settings.data.lowDim, settings.state.lowDim)
            #expect(own == settings, "\(profile ?? "no profile")")
        }
    }

    @Test func `a profile that every file has can be changed by a file, and is not checked where nobody asks for it`() throws {
        let file = try TemporaryExperiment.minimal("  demonstrations: 40\nstate: {sizes: []}\nprofiles: {smoke: {probes.samples: 3}}\n")
        let smoke = try file.load(profile: "smoke")
        #expect(smoke.settings.probes.samples == 3 && smoke.settings.diffusion.training.steps == 20 && smoke.profiles == ["smoke", "paper", "audit", "audit_quick"])
        let failure = try #require(try file.failure(profile: "paper"))
        #expect(failure.expected?.contains("at least 65") == true && failure.found == "40")
        let unknown = try #require(try file.failure(profile: "smok"))
        #expect(unknown.kind == .usage && unknown.remedy == "did you mean smoke?")
    }
}
