import Basics
import Foundation
import Study
import Testing
import TestSupport

@testable import Configuration

@Suite struct ExperimentFileTests {
    @Test func `values come from the defaults, then the file, then the profile, then the command line`() throws {
        let experiment = try TemporaryExperiment.minimal(
            """
            diffusion:
              training: {steps: 300, batch_size: 8, audited_steps: []}
            profiles:
              quick: {diffusion.training.steps: 20, probes.samples: 2}
            """)
        let plain = try experiment.load().settings
        #expect(plain.diffusion.training.steps == 300)
        #expect(plain.diffusion.training.learningRate == 2e-3)
        let quick = try experiment.load(profile: "quick", "probes.samples=3").settings
        #expect(quick.diffusion.training.steps == 20)
        #expect(quick.diffusion.training.batchSize == 8)
        #expect(quick.probes.samples == 3)
    }

    @Test func `an unknown key is refused with its line, its path and the nearest key`() throws {
        let failure = try #require(
            try TemporaryExperiment.minimal("diffusion:\n  training:\n    stepz: 4\n").failure())
        #expect(failure.kind == .data)
        #expect(failure.location?.contains("mine.yaml:6, key diffusion.training.stepz") == true)
        #expect(failure.remedy == "did you mean diffusion.training.steps?")
        #expect(failure.expected?.contains("batch_size") == true)
    }

    @Test func `a key in the wrong group is offered where it belongs`() throws {
        let failure = try #require(try TemporaryExperiment.minimal("learning_rate: 0.1\n").failure())
        #expect(failure.remedy == "did you mean diffusion.training.learning_rate?")
        let profiles = try #require(try TemporaryExperiment.minimal("profile: {}\n").failure())
        #expect(profiles.remedy == "did you mean profiles?")
    }

    @Test(arguments: [
        ("workers: 0\n", "from 1 to 1024", "0"),
        ("diffusion: {training: {betas: [0.9, 1.0]}}\n", "2 values, each at least 0.0 and below 1.0", "[0.9, 1.0]"),
        ("diffusion: {unet: {kernel_size: 4}}\n", "an odd number from 1 to 31", "4"),
        ("alt: {threshold: {false_alarm_rate: 1}}\n", "above 0.0 and below 1.0", "1.0"),
        ("diffusion: {training: {gradient_clip: -1}}\n", "above 0.0, or null", "-1.0"),
    ]) func `a value out of range says the range and the value`(text: String, expected: String, found: String) throws {
        let failure = try #require(try TemporaryExperiment.minimal(text).failure())
        #expect(failure.kind == .data)
        #expect(failure.expected == expected)
        #expect(failure.found == found)
    }

    @Test(arguments: [
        ("data.split.train=0", "at least 2"),
        ("data.split.train=8", "8, as many as split.train"),
        ("windows.executed_steps=16", "at most horizon - observation_steps + 1 = 15"),
        ("windows.horizon=18", "a multiple of 4"),
        ("diffusion.samplers.ddim=101", "at most diffusion.noise.steps = 100"),
        ("data.demonstrations=32", "at least 33"), ("data.demonstrations=64", "at least 65"),
        ("diffusion.unet.group_count=7", "multiples of unet.group_count = 7"),
        ("diffusion.encoder.channels=[16, 49]", "multiples of 16"),
        ("alt.training.crop_scale=[1.0, 0.9]", "[smallest, largest]"),
        ("probes.names=[p00, p99]", "one of p00"),
        ("experiment=../up", "letters, digits"),
    ]) func `settings that do not fit together are refused`(override: String, expected: String) throws {
        let failure = try #require(try TemporaryExperiment.minimal().failure(override))
        #expect(failure.kind == .data)
        #expect(failure.expected?.contains(expected) == true, "\(failure)")
    }

    /// Products of two of them must not overflow.
    @Test func `every whole number has a largest value, but for seeds`() throws {
        let experiment = try TemporaryExperiment.minimal()
        var checked = 0
        for key in Settings.keyPaths.map({ $0.joined(separator: ".") }) {
            guard let form = try experiment.failure("\(key)=word")?.expected, form.contains("a whole number") else { continue }
            let isList = form.hasPrefix("a list")
            func failure(_ value: Int) throws -> Failure? { try experiment.failure("\(key)=\(isList ? "[\(value)]" : "\(value)")") }
            checked += 1
            if key == "seed" || key == "data.generate.seed" {
                #expect(try failure(.max) == nil)
                continue
            }
            #expect(try failure(.max)?.what.hasSuffix("is out of range") == true, "\(key)")
            _ = try failure(1_000_000_000)
        }
        #expect(checked > 60)
    }

    @Test func `a word outside the choices is refused with the nearest`() throws {
        let failure = try #require(try TemporaryExperiment.minimal("alt: {threshold: {method: calibratd}}\n").failure())
        #expect(failure.expected == "one of calibrated, fixed")
        #expect(failure.remedy == "did you mean calibrated?")
    }

    @Test func `a missing key that must be there is named`() throws {
        #expect(try TemporaryExperiment("experiment: mine\n").failure()?.location?.contains("data.path") == true)
        #expect(try TemporaryExperiment("data: {path: x}\n").failure()?.location?.contains("experiment") == true)
        #expect(try TemporaryExperiment("").failure()?.kind == .data)
    }

    @Test func `a missing experiment is an input that is missing, with a similar file`() throws {
        let experiment = try TemporaryExperiment.minimal()
        do {
            _ = try ExperimentFile.load(experiment.folder + "/mien.yaml")
            Issue.record("loaded a file that does not exist")
        } catch let failure as Failure {
            #expect(failure.kind == .inputMissing)
            #expect(failure.remedy == "did you mean \(experiment.folder)/mine.yaml?")
        }
    }

    @Test func `a path that does not exist is refused at its line, unless the data can be made`() throws {
        let missing = try TemporaryExperiment.minimal("probes: {image_folder: nowhere}\n").load()
        let failure = try #require(throws: Failure.self) { try missing.settings.checkPaths(missing.origins) }
        #expect(failure.kind == .inputMissing)
        #expect(failure.location?.contains("mine.yaml:3, key data.path") == true)
        let made = try TemporaryExperiment.minimal().load("data.generate={task: lift}")
        try made.settings.checkPaths(made.origins)
        let folder = try TemporaryExperiment.minimal("probes: {image_folder: nowhere}\n").load("data.generate={}")
        let second = try #require(throws: Failure.self) { try folder.settings.checkPaths(folder.origins) }
        #expect(second.location?.contains("mine.yaml:4, key probes.image_folder") == true)
        for key in ["distractor_pairs", "other_task"] {
            let frames = try TemporaryExperiment.minimal("probes: {\(key): nowhere.hdf5}\n").load("data.generate={}")
            let third = try #require(throws: Failure.self) { try frames.settings.checkPaths(frames.origins) }
            #expect(third.kind == .inputMissing && third.found == "nowhere.hdf5")
            #expect(third.location?.contains("mine.yaml:4, key probes.\(key)") == true)
        }
    }
}
