import Basics
import Foundation
import Demonstrations
import Policies
import PolicyFolders
import Safetensors
import Synchronization
import Testing
import Training
import TestSupport

@testable import Study

@Suite struct TableVariantTests {
    @Test func `every option stands by itself beside the published recipe, and every variant has a name and a row of its own`() {
        let all = TableVariant.all(AltSettings()), paper = TableVariant.paper
        #expect(all[0] == paper && paper.key == TableVariant.Key() && paper.manner == .nearest)
        #expect(Set(all.map(\.name)).count == all.count)
        for (index, variant) in all.enumerated() {
            #expect(!all[..<index].contains { $0.key == variant.key && $0.manner == variant.manner }, "\(variant.name)")
        }
        let single = all.filter { variant in
            let changes = [
                variant.key.encoder != paper.key.encoder, variant.key.dropsHead, variant.key.hasPose, variant.manner != paper.manner,
            ]
            return changes.count { $0 } == 1
        }
        #expect(single.map(\.name) == ["alt_spared", "alt_no_head", "alt_pose", "alt_consistent", "alt_top_k", "alt_locked"])
        let entries = Catalogue(Settings()).entries
        for variant in all {
            let entry = entries.first { $0.id.name == variant.name }
            #expect(entry?.id.role == .lookup && entry?.acts == [.plain], "\(variant.name)")
            #expect((entry?.asked == .everywhere) == (variant == paper), "\(variant.name)")
        }
    }

    @Test func `an autoencoder is looked up by in the main part, and no table is of it`() throws {
        let entry = try #require(Catalogue(Settings()).entries.first { $0.id.name == "alt_autoencoder" })
        #expect(entry.id.role == .lookup && entry.acts == [.plain] && entry.asked == .never)
        #expect(entry.needsCameras && !entry.parts.contains(.twin))
        #expect(TableVariant.encoders(.main, AltSettings()) == [.published, .spared] && !VariantChoice.names.contains("alt_autoencoder"))
        let names = EncoderTraining.all(Settings()).map(\.name)
        #expect(names == ["alt", "alt-spared", "alt-autoencoder", "alt-twin", "alt-spared-twin"])
    }

    @Test func `an encoder that no variant of a part is made of is not trained`() throws {
        func trained(_ change: (inout AltSettings) -> Void) -> [String] {
            var settings = Settings()
            change(&settings.alt)
            return EncoderTraining.all(settings).map(\.name)
        }
        // The twin is of what the study names; the kernel policy compares by the published encoder.
        #expect(trained { $0.variant = "alt_consistent" } == ["alt", "alt-spared", "alt-autoencoder", "alt-twin"])
        #expect(trained { $0.variant = "alt_spared" } == ["alt", "alt-spared", "alt-autoencoder", "alt-twin", "alt-spared-twin"])
        #expect(trained { $0.variants = ["alt_consistent", "alt_pose"] } == ["alt", "alt-autoencoder", "alt-twin"])
        #expect(trained { $0.variants = [] } == ["alt", "alt-autoencoder", "alt-twin"])

        let experiment = try TemporaryExperiment.minimal()
        let few = try experiment.load("alt.variants=[alt_pose, alt_top_k]").settings
        #expect(TableVariant.all(few.alt).map(\.name) == ["alt_paper", "alt_pose", "alt_top_k"])
        let names = Catalogue(few).entries.map(\.id.name)
        #expect(names.contains("alt_pose") && !names.contains("alt_spared"))
        #expect(VariantChoice.candidates(few.alt).map(\.name) == ["alt_paper", "alt_pose"])
    }

    @Test func `the smallest error is chosen, of variants that answer the same twice and that the threshold fits`() throws {
        func trials(_ best: String...) -> [VariantTrial] {
            TableVariant.all(AltSettings()).map { variant in VariantTrial(variant: variant, error: Double(best.firstIndex(of: variant.name) ?? 9)) }
        }
        #expect(chosen(trials("alt_locked", "alt_pose")) == "alt_locked")
        #expect(chosen(trials("alt_top_k", "alt_pose", "alt_no_head")) == "alt_pose")
        #expect(chosen(trials("alt_pose", "alt_no_head")) { $0.threshold = .fixed(0.5) } == "alt_no_head")
        #expect(chosen(trials("alt_pose")) { $0.variant = "alt_spared" } == "alt_spared")
        // Of equal ones the first, which is the published one.
        #expect(chosen(trials()) == "alt_paper")
    }

    @Test func `the most successes are chosen, and of equal ones the smallest error`() throws {
        func trials(_ successes: [String: Int], best: String) -> [VariantTrial] {
            TableVariant.all(AltSettings()).map { variant in
                VariantTrial(variant: variant, error: variant.name == best ? 0 : 1, successes: successes[variant.name, default: 0])
            }
        }
        #expect(chosen(trials(["alt_consistent": 7, "alt_pose": 6], best: "alt_pose")) == "alt_consistent")
        #expect(chosen(trials(["alt_consistent": 7, "alt_pose": 7], best: "alt_pose")) == "alt_pose")
        #expect(chosen(trials(["alt_top_k": 9, "alt_pose": 8, "alt_no_head": 7], best: "alt_paper")) { $0.threshold = .fixed(0.5) } == "alt_no_head")
        #expect(chosen(trials([:], best: "alt_pose")) == "alt_pose")
    }

    private func chosen(_ trials: [VariantTrial], _ change: (inout AltSettings) -> Void = { _ in }) -> String? {
        var settings = AltSettings()
        change(&settings)
        return VariantChoice.chosen(settings, trials)?.name
    }

    @Test func `a name that no variant has and a fixed threshold for distances are refused at their line`() throws {
        let experiment = try TemporaryExperiment.minimal()
        let unknown = try #require(try experiment.failure("alt.variant=alt_best"))
        #expect(unknown.kind == .data && unknown.expected?.contains("auto, alt_paper") == true)
        #expect(try experiment.failure("alt.variant=alt_top_k") != nil)
        #expect(try experiment.failure("alt.variants=[alt_best]")?.expected?.contains("alt_paper, alt_pretrained") == true)
        let left = try #require(try experiment.failure("alt.variant=alt_pose", "alt.variants=[alt_no_head]"))
        #expect(left.location?.contains("alt.variants") == true && left.expected?.contains("alt_pose among them") == true)
        let distances = try #require(try experiment.failure("alt.variant=alt_pose", "alt.threshold.method=fixed"))
        #expect(distances.expected?.contains("alt_pose compares by distances") == true)
        #expect(try experiment.load("alt.variant=alt_no_head", "alt.threshold.method=fixed").settings.alt.variant == "alt_no_head")
    }

    @Test func `an error is taken along each reference demonstration, with what was recalled before`() throws {
        let tiny = try TinyStudy(), settings = try ExperimentFile.load(tiny.experiment.path).settings
        let data = try StudyData(settings, sha256: "", progress: nil), layout = data.layout
        let error = ReferenceError(data: data, seed: Seed(1))
        let truth = Recorder(data), shifted = Recorder(data, offset: 0.25)
        #expect(try error.value(of: truth) == 0)
        #expect(abs(try error.value(of: shifted) - 0.25) < 1e-4)
        let asked = truth.asked.withLock { $0 }
        let expected = data.split.reference.flatMap { demonstration in
            stride(from: 0, to: data.set.episodes[demonstration].length, by: layout.executedSteps).map {
                FrameReference(demonstration: demonstration, frame: $0)
            }
        }
        #expect(Set(asked.map(\.frame)) == Set(expected) && asked.count == expected.count)
        for (frame, recalled) in asked {
            let before = stride(from: 0, to: frame.frame, by: layout.executedSteps).map {
                FrameReference(demonstration: frame.demonstration, frame: $0)
            }
            #expect(recalled == before)
        }
    }

    @Test(arguments: ["auto", "alt_combined_consistent"])
    func `a study writes every variant's error down, and table and twin are of the same variant`(_ setting: String) throws {
        let tiny = try TinyStudy(), overrides = ["alt.variant=\(setting)", "probes.names=[p25]", "rollouts.policies=[]"]
        let path = try tiny.run("results", overrides).path
        let main = try rows("alt", path), twin = try rows("alt-twin", path)
        #expect(main.allSatisfy { $0.successes == nil && $0.episodes == nil })
        #expect(main.map(\.variant) == TableVariant.all(AltSettings()).map(\.name) && main.allSatisfy { $0.error > 0 && $0.error.isFinite })
        let chosen = main.filter(\.isChosen), candidates = main.filter { TableVariant(named: $0.variant)?.isCandidate == true }
        #expect(chosen.count == 1 && twin.filter(\.isChosen).map(\.variant) == chosen.map(\.variant))
        let name = setting == VariantChoice.automatic ? candidates.min { $0.error < $1.error }?.variant : setting
        #expect(chosen.first?.variant == name && tiny.said.all.contains("lookup table (main): \(name ?? "none"), "))
        // Distances have a negative threshold, cosines one above it here.
        let threshold = try Safetensors.read("\(path)/alt/\(TableFile.name)").tensor("threshold").values[0]
        let isUnit = try #require(chosen.first.flatMap { TableVariant(named: $0.variant) }).key.isUnit
        #expect(isUnit ? threshold > 0.5 : threshold < 0)
        let audited = try String(decoding: FileSystem.read("\(path)/probes/p25_spaces.csv"), as: UTF8.self)
        for key in TableVariant.keys(.main, AltSettings()) + [.autoencoder] { #expect(audited.contains(",\(key.name),train,")) }
    }

    @Test func `with ImageNet's weights the published table has a row, can be chosen and taken away; without, the page says that it is left out`() throws {
        let tiny = try TinyStudy(), file = try ResNet18File.write()
        let small = ["probes.names=[p01]", "rollouts.policies=[]", "diffusion.twin=false"]
        let path = try tiny.run("with", small + ["alt.encoder.pretrained=\(file)", "alt.variant=alt_pretrained", "alt.training.epochs=1"]).path
        #expect(try rows("alt", path).map(\.variant) == TableVariant.known.map(\.name))
        #expect(try rows("alt", path).filter(\.isChosen).map(\.variant) == ["alt_pretrained"])
        // Fine-tuned, and by a rate at which the trunk is still what it was.
        let trained = try Safetensors.read("\(path)/checkpoints/alt-pretrained/\(TrainingFiles.model())").tensor("image_encoder.backbone.nets.0.weight").values
        let before = try Safetensors.read(file).tensor("conv1.weight").values.map { $0 / Float(1 + 1e-5).squareRoot() }
        let difference = zip(trained, before).map { abs($0 - $1) }.max() ?? 0
        #expect(difference > 0 && difference < 0.01)
        let policy = try PolicyFolder.read("\(path)/policy/alt")
        #expect((policy as? StoredLookupTable)?.encoder.trunk == .imagenet)
        let claims = try String(decoding: FileSystem.read("\(path)/claims.md"), as: UTF8.self)
        #expect(claims.contains("begins with \(file)"))

        let without = try tiny.run("without", small).path
        #expect(try String(decoding: FileSystem.read("\(without)/claims.md"), as: UTF8.self).contains("its row is left out"))
        #expect(try String(decoding: FileSystem.read("\(path)/summary.csv"), as: UTF8.self).contains(",alt_pretrained,"))
        #expect(try !String(decoding: FileSystem.read("\(without)/summary.csv"), as: UTF8.self).contains("alt_pretrained"))
    }

    @Test func `a table of ImageNet's weights without the file, and a file that is another, are refused before anything is trained`() throws {
        let tiny = try TinyStudy()
        let absent = #expect(throws: Failure.self) { try tiny.run("absent", ["alt.variant=alt_pretrained"]) }
        #expect("\(try #require(absent))".contains("alt.encoder.pretrained"))
        let other = #expect(throws: Failure.self) {
            try tiny.run("other", ["alt.encoder.pretrained=\(SharedData.fixture("goldens/policy.safetensors"))"])
        }
        #expect("\(try #require(other))".contains("torchvision.models.resnet18"))
        #expect(!tiny.said.all.contains("diffusion policy:"))
    }

    private func rows(_ link: String, _ path: String) throws -> [VariantRow] {
        let file = "\(path)/\(link)/\(VariantRow.fileName)"
        let content = try CSVText.parse(String(decoding: FileSystem.read(file), as: UTF8.self), name: file)
        return try VariantRow.rows(columns: content.columns, content.rows, file: file)
    }

    @Test func `where there is a simulator every candidate acts from starts of its own before the study, and the best is the table`() throws {
        let tiny = try TinyStudy(), overrides = ["probes.names=[p01]", "rollouts.policies=[alt_locked]"]
        let path = try tiny.run("results", overrides).path
        let main = try rows("alt", path), twin = try rows("alt-twin", path)
        for row in main {
            let isCandidate = TableVariant(named: row.variant)?.isCandidate == true
            #expect(row.episodes == (isCandidate ? 2 : nil) && (row.successes.map { 0...2 ~= $0 } ?? !isCandidate), "\(row.variant)")
        }
        let best = main.filter { $0.episodes != nil }.min { (-($0.successes ?? 0), $0.error) < (-($1.successes ?? 0), $1.error) }
        #expect(main.filter(\.isChosen).map(\.variant) == [best?.variant])
        #expect(twin.filter(\.isChosen).map(\.variant) == [best?.variant] && twin.allSatisfy { $0.episodes == nil })
        // No start is shared with the episodes that are compared or that set thresholds.
        let settings = try ExperimentFile.load(tiny.experiment.path, overrides: overrides).settings
        let roots = [RolloutCell.Purpose.comparison, .thresholds, .choice].map { purpose in
            RolloutCell(entry: Catalogue.entry(of: .paper), part: .main, scene: .plain, starts: 2, purpose: purpose).root(settings).value
        }
        #expect(Set(roots).count == 3)
        // More of them choose anew, and find the table where they are as many as before.
        let more = try tiny.run("results", overrides + ["rollouts.choice_starts=3"]).path
        #expect(try rows("alt", more).allSatisfy { $0.episodes == nil || $0.episodes == 3 })
        let before = tiny.said.all.count
        _ = try tiny.run("results", overrides + ["probes.resamples=30"])
        #expect(tiny.said.all.dropFirst(before).contains("lookup table (main): found"))
    }

    /// Answers what is true of the observation's own frame, says that it recalled it, and notes what it was asked.
    private final class Recorder: Policy {
        let isStochastic = false
        let asked = Mutex<[(frame: FrameReference, recalled: [FrameReference])]>([])
        private let data: StudyData
        /// Added to every action, in normalised units.
        private let offset: Float

        init(_ data: StudyData, offset: Float = 0) {
            self.data = data
            self.offset = offset
        }

        func predict(_ observations: [Observation], samples: Int, seeds: [Seed]) throws -> [[Prediction]] {
            try observations.map { observation in
                let frame = try #require(observation.source), episode = try #require(observation.episode)
                asked.withLock { $0.append((frame, episode.recalled)) }
                let truth = data.layout.actions(of: data.layout.window(at: frame), in: data.set)
                let moved = data.normalizer.denormalizeActions(data.normalizer.normalizeActions(truth).map { $0 + offset })
                return [Prediction(actions: offset == 0 ? truth : moved, match: Match(frame: frame, similarity: 0))]
            }
        }
    }
}
