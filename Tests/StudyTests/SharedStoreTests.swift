import Basics
import Foundation
import Images
import Runs
import Synchronization
import Tabletop
import Testing
import TestSupport

@testable import Study

/// What runs share: nothing is made twice, and nothing is used that was made of something else.
@Suite struct SharedStoreTests {
    private func entries(_ study: TinyStudy, _ kind: String = "", _ results: String = "results") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(study.experiment.folder)/\(results)/store").filter { $0.hasPrefix(kind) }.sorted()
    }

    private func summary(_ study: TinyStudy, _ results: String, _ overrides: [String] = []) throws -> [String] {
        try String(contentsOfFile: study.path(results, overrides) + "/summary.csv", encoding: .utf8).split(separator: "\n")
            .filter { !$0.contains("p23_latency") }.map { line in
                // Without the configuration's hash.
                var cells = line.split(separator: ",", omittingEmptySubsequences: false)
                cells.remove(at: 1)
                return cells.joined(separator: ",")
            }
    }

    @Test func `another rule and more resamples make a run of their own and train, ask and learn nothing`() throws {
        let study = try TinyStudy()
        try study.run()
        let kinds = ["training", "encoder", "table", "answers", "monitors", "manifold"]
        let before = try kinds.map { try entries(study, $0) }
        for override in ["rules.dcr_share=0.7", "probes.resamples=21", "diffusion.training.checkpoint_every=30"] {
            #expect(try !study.run("results", [override]).wasFinished)
            #expect(try kinds.map { try entries(study, $0) } == before)
        }
        #expect(study.said.all.contains("diffusion: found, trained"))
        #expect(try study.run("results", ["rules.dcr_share=0.7"]).wasFinished)
        #expect(try summary(study, "results") == summary(study, "results", ["diffusion.training.checkpoint_every=30"]))
    }

    @Test func `pictures that are added are asked about, and nothing else is asked again`() throws {
        let study = try TinyStudy(), folder = study.experiment.folder + "/photographs/animal"
        let overrides = ["probes.photographs=\(study.experiment.folder)/photographs", "probes.names=[p01, p02]"]
        try study.run("results", overrides)
        let answers = try entries(study, "answers"), trainings = try entries(study, "training")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try RGBImage(width: 40, height: 20, color: .white).pngData().write(to: URL(fileURLWithPath: folder + "/one.png"))
        #expect(try !study.run("results", overrides).wasFinished)
        #expect(try entries(study, "training") == trainings)
        #expect(try Set(answers).isSubset(of: entries(study, "answers")))
        let asked = try entries(study, "answers").count - answers.count
        let everywhere = try String(contentsOfFile: study.path("results", overrides) + "/summary.csv", encoding: .utf8)
        #expect(everywhere.contains("photograph_animal"))
        // One set for every policy that is asked everywhere.
        let settings = try ExperimentFile.load(study.experiment.path, overrides: overrides).settings
        #expect(asked == Catalogue(settings).entries.count { $0.asked == .everywhere })
        // Taken away again, its results go too.
        try FileManager.default.removeItem(atPath: folder)
        try study.run("results", overrides)
        let path = try study.path("results", overrides)
        #expect(!FileManager.default.fileExists(atPath: path + "/generated/photograph_animal.safetensors"))
        #expect(try !String(contentsOfFile: path + "/summary.csv", encoding: .utf8).contains("photograph_animal"))
    }

    @Test func `data replaced under the same path are another run with weights of its own`() throws {
        let study = try TinyStudy(), path = study.experiment.folder + "/d.hdf5"
        let overrides = ["data.path=\(path)", "probes.names=[p01]"]
        try FileManager.default.copyItem(atPath: TinyStudy.dataset.get(), toPath: path)
        try study.run("results", overrides)
        let first = try study.path("results", overrides)
        var settings = TabletopGenerator.Configuration()
        settings.demonstrations = 8
        settings.seed = 1
        try FileManager.default.removeItem(atPath: path)
        _ = try DatasetGeneration.write(
            settings, to: path, workers: 2, progress: ProgressReporter(Console(isTerminal: false, isQuiet: true) { _ in }))
        try study.run("results", overrides)
        let second = try study.path("results", overrides)
        try study.run("fresh", overrides)
        #expect(first != second)
        func weights(_ run: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: run + "/checkpoints/diffusion/last/model.safetensors")) }
        #expect(try weights(second) == weights(study.path("fresh", overrides)))
        #expect(try weights(second) != weights(first))
    }

    @Test func `of two studies started at once that share trainings, each is trained once`() throws {
        let study = try TinyStudy(), done = DispatchGroup(), failures = Mutex<[String]>([]), few = "probes.names=[p01, p02, p19]"
        for resamples in [20, 22] {
            done.enter()
            Thread.detachNewThread {
                do { try study.run("results", ["probes.resamples=\(resamples)", few]) } catch { failures.withLock { $0.append("\(error)") } }
                done.leave()
            }
        }
        done.wait()
        #expect(failures.withLock { $0 } == [])
        let said = study.said.all
        for name in ["diffusion", "behaviour-cloning", "state-s0", "state-twin"] {
            #expect(said.components(separatedBy: "\n").count { $0.hasPrefix("\(name): ") && $0.contains(" parameters, ") } == 1, "\(name)")
        }
        try study.run("alone", [few])
        #expect(try summary(study, "results", ["probes.resamples=20", few]) == summary(study, "alone", [few]))
    }

    @Test func `a stage whose marker is damaged is done again, finds everything and keeps its links`() throws {
        let study = try TinyStudy(), overrides = ["probes.names=[p01]"]
        try study.run("results", overrides)
        let path = try study.path("results", overrides), marker = path + "/stages/query.json"
        let links = try FileManager.default.contentsOfDirectory(atPath: path + "/store/query").sorted()
        let whole = try Data(contentsOf: URL(fileURLWithPath: marker))
        var damaged = whole
        damaged[whole.count / 2] ^= 1
        try damaged.write(to: URL(fileURLWithPath: marker))
        try study.run("results", overrides)
        #expect(study.said.all.contains("query.json is damaged; the stage is done again"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: marker)) == whole)
        #expect(links.count > 20)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/store/query").sorted() == links)
    }

    @Test(arguments: [
        "checkpoints/diffusion/last/model.safetensors", "checkpoints/diffusion/000030/model.safetensors",
        "checkpoints/alt/last/model.safetensors", "alt/table.safetensors", "generated/heldout.safetensors", "metrics.csv", "split.csv",
        "probes/p01_samples.csv", "summary.csv", "plots/p02_s_median.svg",
    ])
    func `one changed bit in a finished run is noticed and what it is in is made again`(file: String) throws {
        let study = try TinyStudy(), overrides = ["probes.names=[p01, p02]"], pictures = file.hasSuffix("svg")
        try study.run("results", overrides, pictures: pictures)
        let path = try study.path("results", overrides) + "/" + file
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var damaged = whole
        damaged[whole.count / 2] ^= 2
        try damaged.write(to: URL(fileURLWithPath: path))
        #expect(try !study.run("results", overrides, pictures: pictures).wasFinished)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        #expect(study.said.all.contains("not as it was written"))
        #expect(try study.run("results", overrides, pictures: pictures).wasFinished)
    }
}
