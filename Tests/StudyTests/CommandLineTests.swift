import Basics
import Foundation
import Testing
import TestSupport

/// The built program, as a user meets it. Only what costs no training.
@Suite struct CommandLineTests {
    private func alt(_ arguments: String..., in folder: String? = nil) throws -> (status: Int32, output: String, error: String) {
        try BuiltProgram.run(arguments, in: folder ?? SharedData.root)
    }

    @Test(arguments: [["--help"], ["run", "--help"], ["dataset", "generate", "--help"]])
    func `help shows an example before the usage`(arguments: [String]) throws {
        let result = arguments.count == 1 ? try alt(arguments[0])
            : arguments.count == 2 ? try alt(arguments[0], arguments[1]) : try alt(arguments[0], arguments[1], arguments[2])
        #expect(result.status == 0)
        let example = try #require(result.output.range(of: "Example")), usage = try #require(result.output.range(of: "USAGE"))
        #expect(example.lowerBound < usage.lowerBound)
    }

    @Test func `wrong arguments leave with 64`() throws {
        #expect(try alt("run").status == 64)
        #expect(try alt("fly").status == 64)
        #expect(try alt("run", "experiments/tabletop-lift.yaml", "seed").status == 64)
        #expect(try alt("run", "experiments/tabletop-lift.yaml", "--smoke", "--profile", "other").status == 64)
    }

    @Test func `an unknown key leaves with 65 and says what was meant on standard error`() throws {
        let result = try alt("show", "experiments/tabletop-lift.yaml", "diffusion.training.step=1")
        #expect(result.status == 65)
        #expect(result.error.contains("did you mean diffusion.training.steps?"))
        #expect(result.output.isEmpty)
    }

    @Test func `missing inputs leave with 66`() throws {
        #expect(try alt("run", "x").status == 66)
        #expect(try alt("run", "experiments/absent.yaml").status == 66)
        #expect(try alt("run", "experiments/robosuite-lift.yaml", "data.path=absent.hdf5").status == 66)
        #expect(try alt("resume", "absent").status == 66)
        #expect(try alt("report", "absent").status == 66)
    }

    @Test func `a results folder that cannot be made leaves with 73 and an output that exists too`() throws {
        let experiment = try TemporaryExperiment.minimal("  generate: {}\n")
        let result = try alt("run", experiment.path, "--results", experiment.path + "/results")
        #expect(result.status == 73)
        #expect(try alt("dataset", "generate", "lift", "--output", experiment.path).status == 73)
    }

    @Test func `a dry run writes nothing`() throws {
        let folder = try SharedData.temporaryFolder()
        let result = try alt("run", SharedData.root + "/experiments/tabletop-lift.yaml", "--dry-run", in: folder)
        #expect(result.status == 0)
        #expect(result.output.contains("results/tabletop-lift/study-"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func `a dry run opens the data, says what is there and how long the rest takes, and leaves no folder`() throws {
        let study = try TinyStudy(), folder = study.experiment.folder, experiment = study.experiment.path
        let before = try alt("run", experiment, "--dry-run", in: folder)
        #expect(before.status == 0)
        for part in ["8 demonstrations", "agentview_image 84 x 84", "data: not done yet", "diffusion: 120 steps", "answers: 0 found", "rollouts: 0 blocks found, ", "time "] {
            #expect(before.output.contains(part), "\(part)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/results"))
        #expect(try alt("run", experiment, "--quiet", in: folder).status == 0)
        let after = try alt("run", experiment, "rules.dcr_share=0.7", "--dry-run", in: folder)
        #expect(after.output.contains("diffusion: found, training-") && !after.output.contains("to ask"))
        let finished = try alt("run", experiment, "--dry-run", in: folder)
        #expect(finished.output.contains("unchanged, would be skipped") && finished.output.contains("the run is finished"))
        #expect(try alt("run", experiment, "data.cameras=[absent]", "--dry-run", in: folder).status == 65)
        let cleaned = try alt("clean", "--json", in: folder)
        #expect(cleaned.status == 0 && cleaned.output.trimmingCharacters(in: .whitespacesAndNewlines) == "[\n\n]")
    }

    @Test func `an empty results folder is refused, since it would be the root of the file system`() throws {
        let experiment = try TemporaryExperiment.minimal("  generate: {}\n")
        for arguments in [["run", experiment.path, "--results", ""], ["list", "--results", ""], ["clean", "--results", ""]] {
            let result = try BuiltProgram.run(arguments, in: experiment.folder)
            #expect(result.status == 64 && result.error.contains("--results is empty"))
        }
    }

    @Test func `the program says which commit it was built from`() throws {
        let version = try alt("--version").output, info = try alt("info").output
        #expect(version.contains(/^[0-9a-f]{40}/) || version.contains("not built from a git checkout"))
        #expect(info.contains(version.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    @Test func `show prints a configuration that show reads to the same text`() throws {
        let first = try alt("show", "experiments/tabletop-lift.yaml", "--smoke", "seed=4")
        let experiment = try TemporaryExperiment(first.output)
        #expect(try alt("show", experiment.path).output == first.output)
        #expect(first.output.contains("seed: 4"))
    }

    @Test func `generated demonstrations are inspected and validated`() throws {
        let folder = try SharedData.temporaryFolder()
        let made = try alt("dataset", "generate", "lift", "--demonstrations", "2", "--output", "two.hdf5", "--quiet", in: folder)
        #expect(made.status == 0)
        #expect(made.error.isEmpty)
        #expect(try alt("dataset", "inspect", "two.hdf5", "--json", in: folder).output.contains("\"demonstrations\" : 2"))
        #expect(try alt("dataset", "validate", "two.hdf5", in: folder).status == 0)
        #expect(try alt("dataset", "validate", SharedData.fixture("hdf5/nan_actions.hdf5"), in: folder).status == 65)
        #expect(try alt("dataset", "generate", "lift", "--demonstrations", "1", "--output", "x", "--quiet", in: folder).status == 0)
        #expect(try alt("dataset", "validate", "absent.hdf5", in: folder).status == 66)
        #expect(try alt("dataset", "generate", "lfit", "--output", "x.hdf5", in: folder).status == 64)
    }

    @Test func `info names the libraries`() throws {
        let result = try alt("info", "--json")
        #expect(result.status == 0)
        for name in ["hdf5", "libpng", "open_blas", "processor"] { #expect(result.output.contains("\"\(name)\"")) }
    }

    @Test(arguments: [["rnu"], ["dataset", "inspcet", "x"], ["bench", "peesr"], ["help", "rnu"]])
    func `an unknown verb leaves with 64 and the nearest one`(words: [String]) throws {
        let result = try BuiltProgram.run(words, in: SharedData.root)
        #expect(result.status == 64)
        let nearest = ["rnu": "run", "inspcet": "inspect", "peesr": "peers"]
        #expect(words.contains { word in nearest[word].map { result.error.contains("did you mean \($0)?") } ?? false }, "\(result.error)")
    }

    @Test(arguments: ["info", "glossary", "list --results results", "show experiments/tabletop-lift.yaml", "--help", "--version"])
    func `standard output that cannot be written leaves with 74`(line: String) throws {
        let result = try BuiltProgram.run(line.split(separator: " ").map(String.init), in: SharedData.root, standardOutput: "/dev/full")
        #expect(result.status == 74 && result.error.contains("standard output cannot be written"))
    }

    @Test func `the version is a commit, or says that there is none`() throws {
        let version = try alt("--version").output.trimmingCharacters(in: .whitespacesAndNewlines)
        let commit = version.prefix { $0 != "," }
        #expect(version == "not built from a git checkout" || commit.count == 40 && commit.allSatisfy(\.isHexDigit), "\(version)")
        #expect(try alt("info").output.contains(version))
    }

    @Test func `make alone says what it can make`() throws {
        let make = try #require(ExternalProgram("make"))
        let result = try make.run(["--no-print-directory", "-C", SharedData.root])
        #expect(result.status == 0 && result.output.contains("make reproduce") && result.output.contains("make test"))
    }

    @Test func `quiet and verbose exclude each other and have a letter each`() throws {
        #expect(try alt("run", "experiments/tabletop-lift.yaml", "-q", "-v").status == 64)
        let help = try alt("run", "--help").output
        #expect(help.contains("-q, --quiet") && help.contains("-v, --verbose"))
    }
}
