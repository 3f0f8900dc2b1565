import Basics
import Compute
import Foundation
import Images
import Policies
import PolicyFolders
import Probes
import Runs
import Testing
import TestSupport

@testable import Demonstrations
@testable import Study

/// A policy that was trained elsewhere, judged by the probes of a study.
@Suite struct AuditTests {
    /// A finished study without episodes, whose policy is audited.
    struct Trained {
        let tiny: TinyStudy
        let run: String
        /// Names of its training demonstrations, with commas between them.
        let trainedOn: String
    }

    static let trained: Result<Trained, any Error> = Result {
        let tiny = try TinyStudy()
        let run = try tiny.run("results", ["probes.names=[p01]", "rollouts.policies=[]", "rollouts.primary_starts=2", "state.splits=1", "state.sizes=[]", "diffusion.twin=false"]).path
        let table = try CSVText.read(run + "/split.csv")
        let part = try #require(table.columns.firstIndex(of: "part")), name = try #require(table.columns.firstIndex(of: "demonstration"))
        return Trained(tiny: tiny, run: run, trainedOn: table.rows.filter { $0[part] == "train" }.map { $0[name] }.joined(separator: ","))
    }

    /// Its policy, audited in its folder.
    static let inFolder: Result<String, any Error> = Result { try AuditTests().audit(trained.get().run, results: "folder") }

    private func overrides(_ trained: Trained, _ policy: String, _ more: [String]) -> [String] {
        ["audit.policy=\(policy)", "audit.trained_on=\"\(trained.trainedOn)\"", "probes.mixtures=4"] + more
    }

    private func audit(_ policy: String, results: String, _ more: [String] = []) throws -> String {
        let trained = try Self.trained.get()
        return try trained.tiny.run(results, overrides(trained, policy, more)).path
    }

    private func refusal(_ more: [String]) throws -> Failure {
        let trained = try Self.trained.get()
        return try #require(throws: Failure.self) { try audit(trained.run, results: "refused", more) }
    }

    /// Lines of a table that are of a policy.
    private func rows(_ run: String, _ table: String, of policy: String) throws -> [[String]] {
        let table = try CSVText.read("\(run)/\(table)"), column = try #require(table.columns.firstIndex(of: "policy"))
        let own = table.columns.indices.filter { !["experiment", "config_hash", "data_hash", "seed"].contains(table.columns[$0]) }
        return table.rows.filter { $0[column] == policy }.map { row in own.map { row[$0] } }
    }

    @Test func `a policy in a folder takes the place of the trained one, and nothing of it is trained`() throws {
        let run = try Self.inFolder.get()
        #expect(!FileManager.default.fileExists(atPath: run + "/checkpoints/diffusion"))
        #expect(!FileManager.default.fileExists(atPath: run + "/policy"))
        let endpoints = Set(try SummaryRecord.read(run + "/summary.csv").filter { $0.policy == "audited" }.map { String($0.endpoint.prefix(3)) })
        #expect(endpoints.isSuperset(of: ["p01", "p02", "p03", "p04", "p05", "p07", "p08", "p09", "p23", "p24", "p27"]))
        let page = try String(contentsOfFile: run + "/claims.md", encoding: .utf8)
        #expect(page.contains("| audited |") && page.contains("does it fit?") && page.contains("ddpm, 4 steps"))
        let denoisers = try CSVText.read(run + "/probes/p05_fit.csv"), policy = try #require(denoisers.columns.firstIndex(of: "policy"))
        #expect(Set(denoisers.rows.map { $0[policy] }).isSuperset(of: ["audited", "random_init"]))
        let controls = Set(try SummaryRecord.read(run + "/summary.csv").map(\.policy))
        #expect(controls.isSuperset(of: ["alt", "pixel_nearest", "memorizer", "interpolator", "generalizer", "mean"]))
    }

    @Test func `answers in a file give the same tables as the policy itself`() throws {
        let trained = try Self.trained.get(), folder = try Self.inFolder.get()
        let questions = try SharedData.temporaryFolder() + "/questions.hdf5"
        let asked = try ExperimentFile.load(trained.tiny.experiment.path, overrides: overrides(trained, questions, []))
        let quiet = Console(isTerminal: false, isQuiet: true) { _ in }
        let (count, _) = try Study.writeQuestions(asked, to: questions, program: .undisclosed, console: quiet, interruption: Interruption())
        let answers = try answered(questions, by: trained.run)
        #expect(count > 20)
        let file = try ExperimentFile.asked(in: questions, overrides: ["audit.policy=\(answers)", "audit.questions=\(questions)"])
        let results = trained.tiny.experiment.folder + "/answers"
        let run = try Study.run(
            file, results: results, drawsPictures: false, command: [], program: .undisclosed, console: quiet, interruption: Interruption()).path
        for table in ["p01_samples", "p02_samples", "p02_summary", "p03_samples", "p08_classes", "p09_recall", "p27_error"] {
            guard FileManager.default.fileExists(atPath: "\(folder)/probes/\(table).csv") else { continue }
            let expected = try rows(folder, "probes/\(table).csv", of: "audited")
            #expect(!expected.isEmpty, "\(table)")
            #expect(try rows(run, "probes/\(table).csv", of: "audited") == expected, "\(table)")
        }
        let endpoints = ["p01", "p02", "p03", "p08", "p09", "p27"]
        func summary(_ run: String) throws -> [[String]] { try rows(run, "summary.csv", of: "audited").filter { row in endpoints.contains { row[0].hasPrefix($0) } } }
        #expect(try summary(run) == summary(folder))
    }

    /// Answers of a run's policy to a file of questions.
    private func answered(_ questions: String, by run: String) throws -> String {
        let folder = try PolicyQuery(run).folder, stored = try PolicyFolder.read(folder)
        return try answered(
            questions, by: stored.policy(from: folder, pool: WorkerPool(workers: 2)), observing: stored.interface.observation,
            steps: stored.interface.windows.observationSteps)
    }

    /// Answers to a file of questions, read from it as any program would.
    private func answered(_ questions: String, by policy: any Policy, observing keys: ObservedKeys, steps: Int) throws -> String {
        let (head, ids) = try QuestionFile.read(questions), root = try HDF5File(reading: questions).root()
        let observed = try #require(try root.group("obs")), given = try #require(try root.group("question"))
        let pixels = try keys.cameras.map { key in
            let dataset = try #require(try observed.dataset(key))
            var bytes = [UInt8](repeating: 0, count: dataset.count)
            try bytes.withUnsafeMutableBytes { try dataset.readBytes(into: $0) }
            return bytes
        }
        let values = try keys.lowDim.map { try #require(try observed.dataset($0)).readFloats() }
        let seeds = try #require(try given.dataset("seed")).readIntegers()
        var all: [Double] = []
        for question in ids.indices {
            var observation = Observation(images: [], lowDim: [], source: nil)
            for step in 0..<steps {
                let row = question * steps + step
                var images: [RGBImage] = [], lowDim: [Float] = []
                for (bytes, shape) in zip(pixels, keys.cameraShapes) {
                    let count: Int = shape[0] * shape[1] * 3
                    images.append(RGBImage(width: shape[1], height: shape[0], pixels: Array(bytes[row * count..<(row + 1) * count])))
                }
                for (own, width) in zip(values, keys.lowDimWidths) { lowDim += own[row * width..<(row + 1) * width] }
                observation.images.append(images)
                observation.lowDim.append(lowDim)
            }
            let answer = try policy.predict([observation], samples: head.samples, seeds: [Seed(UInt64(bitPattern: seeds[question]))])[0]
            all += answer.flatMap { $0.actions.map(Double.init) }
        }
        let path = try SharedData.temporaryFolder() + "/answers.hdf5", file = try HDF5MemoryFile(for: path)
        try file.makeGroup("answers")
        try file.write(all, shape: [ids.count, head.samples, head.horizon, head.actionDimension], to: "answers/mine")
        try file.save()
        return path
    }

    /// Python with h5py and numpy: `ALT_PYTHON`, or python3 where it has them.
    static let python: ExternalProgram? = {
        let name = ProcessInfo.processInfo.environment["ALT_PYTHON"] ?? "python3"
        guard let program = ExternalProgram(name), let found = try? program.run(["-c", "import h5py, numpy"]) else { return nil }
        return found.status == 0 ? program : nil
    }()

    @Test(.enabled(if: python != nil, "needs Python with h5py and numpy: set ALT_PYTHON"))
    func `the script of README answers every question, goes on where it was stopped, and its answers are judged`() throws {
        let trained = try Self.trained.get(), python = try #require(Self.python), folder = try SharedData.temporaryFolder()
        let readme = try String(contentsOfFile: SharedData.root + "/README.md", encoding: .utf8)
        let script = try #require(readme.components(separatedBy: "```python\n").dropFirst().first?.components(separatedBy: "```").first)
        let program = BuiltProgram.self, more = ["probes.names=[p01, p02, p09]", "probes.mixtures=2", "probes.conditions=[cat]", "probes.images_per_class=2", "probes.most_frames=4", "probes.resamples=20"]
        let asked = try program.run(
            ["ask", TinyStudy.dataset.get(), "--trained-on", trained.trainedOn, "--output", "questions.hdf5", "--quick"] + more, in: folder)
        try #require(asked.status == 0, "\(asked.error)")
        // Stops once, half-way; answers with the pose, so that every key is seen to be there.
        let policy = """
            import numpy as np, os
            count = 0
            def policy(observation):
                global count
                count += 1
                if count == 9 and not os.path.exists("stopped"):
                    open("stopped", "w").close()
                    raise SystemExit(1)
                assert observation["agentview_image"].dtype == np.uint8 and observation["agentview_image"].shape[0] == 2
                return np.broadcast_to(observation["robot0_eef_pos"][-1, 0], (16, 7))
            """
        try Data(policy.utf8).write(to: URL(fileURLWithPath: folder + "/my_policy.py"))
        try Data(script.utf8).write(to: URL(fileURLWithPath: folder + "/answer.py"))
        func answer() throws -> Int32 { try python.run(["answer.py"], in: folder).status }
        #expect(try answer() == 1)
        let early = try program.run(["audit", "questions.hdf5", "--results", "results"], in: folder)
        #expect(early.status == 65 && early.error.contains("a question that was not answered stays NaN"))
        #expect(try answer() == 0)
        let judged = try program.run(["audit", "questions.hdf5", "--results", "results", "-q"], in: folder)
        #expect(judged.status == 0 && judged.output.contains("does it recall?"), "\(judged.error)")
        let again = try program.run(["audit", "questions.hdf5", "--results", "results", "-q"], in: folder)
        #expect(again.status == 0 && again.output == judged.output)
    }

    /// Python with what serve_diffusion.py needs.
    static let serving: ExternalProgram? = {
        let name = ProcessInfo.processInfo.environment["ALT_PYTHON"] ?? "python3"
        guard let program = ExternalProgram(name), let found = try? program.run(["-c", "import torch, safetensors.torch, numpy, msgpack, websockets.sync.server"]) else { return nil }
        return found.status == 0 ? program : nil
    }()

    @Test(.enabled(if: serving != nil, "needs Python with torch, safetensors, numpy, msgpack and websockets: set ALT_PYTHON"))
    func `a server in PyTorch that begins with our noise gives the tables of the same policy in a folder`() throws {
        let trained = try Self.trained.get(), folder = try SharedData.temporaryFolder() + "/policy"
        try FileManager.default.copyItem(atPath: trained.run + "/policy", toPath: folder)
        let place = folder + "/diffusion", description = try String(contentsOfFile: place + "/config.json", encoding: .utf8)
        // DDIM draws nothing on the way, so that the noise at the start decides the answer.
        try description.replacing("\"sampler\": \"ddpm\"", with: "\"sampler\": \"ddim\"").write(toFile: place + "/config.json", atomically: true, encoding: .utf8)
        let server = Process(), output = Pipe()
        server.executableURL = URL(fileURLWithPath: try #require(Self.serving).path)
        server.arguments = ["\(SharedData.root)/Sources/PolicyServers/serve_diffusion.py", place, "--port", "0"]
        server.standardOutput = output
        try server.run()
        // It inherits the tests' blocked signals.
        defer { kill(server.processIdentifier, SIGKILL) }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let address = try #require(line.split(whereSeparator: \.isWhitespace).last { $0.hasPrefix("ws://") }.map(String.init), "\(line)")
        let few = ["probes.names=[p01, p02, p09]", "probes.conditions=[cat]", "probes.most_frames=6", "probes.mixtures=2", "audit.controls=false"]
        let own = try audit(place, results: "served", few + ["audit.fast_steps=null"])
        let served = try audit(address, results: "served", few + ["audit.served.noise_key=noise", "audit.served.history=steps", "audit.served.first_action=first_observed"])
        try expectNear(own, served, tables: ["p01_samples", "p02_samples", "p09_recall"])
    }

    /// A tiny study whose policy lerobot's network can be, and its policy in lerobot's layout with the keys to ask it by.
    private func inLeRobotLayout() throws -> (run: String, folder: String, keys: String) {
        let trained = try Self.trained.get(), folder = try SharedData.temporaryFolder() + "/pretrained_model"
        let run = try trained.tiny.run(
            "resnet",
            [
                "diffusion.encoder.variant=resnet18", "diffusion.encoder.channels=[64, 128, 256, 512]", "image.crop=64", "diffusion.unet.group_count=8",
                "diffusion.training.steps=2", "diffusion.training.audited_steps=[]", "diffusion.twin=false", "behaviour_cloning.images=false",
                "behaviour_cloning.two_step=false", "probes.names=[p01]", "probes.conditions=[cat]", "probes.images_per_class=1",
                "rollouts.policies=[]", "state.splits=1", "state.sizes=[]",
            ]
        ).path
        let said = try #require(Self.serving).run(["\(SharedData.root)/datasets/convert_checkpoint.py", "\(run)/policy/diffusion", folder], in: SharedData.root)
        try #require(said.status == 0, "\(said.error)")
        return (run, folder, try #require(said.output.components(separatedBy: "'").first { $0.hasPrefix("audit.keys=") }, "\(said.output)"))
    }

    @Test(.enabled(if: serving != nil, "needs Python with torch and safetensors: set ALT_PYTHON"))
    func `our policy in lerobot's layout gives the tables of its own folder, asked itself and by file`() throws {
        let trained = try Self.trained.get(), (run, folder, keys) = try inLeRobotLayout()
        let few = ["probes.names=[p01, p02, p09]", "probes.conditions=[cat]", "probes.most_frames=6", "probes.images_per_class=2", "audit.controls=false", "audit.fast_steps=null"]
        let own = try audit(run, results: "layouts", few), theirs = try audit(folder, results: "layouts", few + [keys])
        try expectNear(own, theirs, tables: ["p01_samples", "p02_samples", "p09_recall"])

        let questions = try SharedData.temporaryFolder() + "/questions.hdf5", quiet = Console(isTerminal: false, isQuiet: true) { _ in }
        let settings = try ExperimentFile.load(trained.tiny.experiment.path, overrides: overrides(trained, folder, few + [keys])).resolvingAudit().settings
        let asked = try ExperimentFile.load(trained.tiny.experiment.path, overrides: overrides(trained, questions, few))
        _ = try Study.writeQuestions(asked, to: questions, program: .undisclosed, console: quiet, interruption: Interruption())
        let policy = try LeRobotFolder.read(folder), said = try #require(settings.audit), observed = try #require(OpenedSubject.open(settings, said).keys)
        let answers = try answered(
            questions, by: policy.policy(sampler: nil, pool: WorkerPool(workers: 2)), observing: observed, steps: policy.windows.observationSteps)
        let file = try ExperimentFile.asked(in: questions, overrides: ["audit.policy=\(answers)", "audit.questions=\(questions)"])
        let byFile = try Study.run(
            file, results: trained.tiny.experiment.folder + "/layouts", drawsPictures: false, command: [], program: .undisclosed, console: quiet, interruption: Interruption()).path
        // Its statistics are the normaliser's, rounded once more: by file distances are in the demonstrations' own units.
        try expectNear(theirs, byFile, tables: ["p01_samples", "p02_samples", "p09_recall"])
    }

    /// Two runs whose policy differs in nothing but rounding.
    private func expectNear(_ first: String, _ second: String, tables: [String]) throws {
        for table in tables {
            let expected = try rows(first, "probes/\(table).csv", of: "audited"), found = try rows(second, "probes/\(table).csv", of: "audited")
            #expect(!expected.isEmpty && expected.count == found.count, "\(table)")
            for (first, second) in zip(expected.joined(), found.joined()) where first != second {
                let (a, b) = (try #require(Double(first), "\(first)"), try #require(Double(second), "\(second)"))
                #expect(abs(a - b) <= 2e-4 * max(1, abs(a)), "\(table): \(first) and \(second)")
            }
        }
    }

    /// A server that answers from the pose, writes a letter down for every question, and dies after some of them.
    private static let mortal = """
        import msgpack, numpy, os, sys
        from websockets.sync.server import serve
        count = 0
        def pack(value): return {b"__ndarray__": True, b"data": value.tobytes(), b"dtype": value.dtype.str, b"shape": value.shape}
        def unpack(value): return numpy.frombuffer(value[b"data"], numpy.dtype(value[b"dtype"])) if b"__ndarray__" in value else value
        def answer(socket):
            global count
            socket.send(msgpack.packb({}))
            for message in socket:
                if count == int(sys.argv[2]): os._exit(1)
                count += 1
                with open("asked", "a") as log: log.write("x")
                pose = msgpack.unpackb(message, object_hook=unpack)["robot0_eef_pos"]
                socket.send(msgpack.packb({"actions": numpy.full((16, 7), pose[-1], "f4")}, default=pack))
        server = serve(answer, "127.0.0.1", int(sys.argv[1]))
        print(server.socket.getsockname()[1], flush=True)
        server.serve_forever()
        """

    @Test(.enabled(if: serving != nil, "needs Python with torch, safetensors, numpy, msgpack and websockets: set ALT_PYTHON"))
    func `an audit whose server dies half-way says so, asks nothing twice that it kept, and ends with the same tables`() throws {
        let folder = try SharedData.temporaryFolder(), log = folder + "/asked"
        try Self.mortal.write(toFile: folder + "/mortal.py", atomically: true, encoding: .utf8)
        func start(_ port: String, answers: Int) throws -> (server: Process, port: String) {
            let server = Process(), output = Pipe()
            server.executableURL = URL(fileURLWithPath: try #require(Self.serving).path)
            server.currentDirectoryURL = URL(fileURLWithPath: folder)
            server.arguments = ["mortal.py", port, "\(answers)"]
            server.standardOutput = output
            try server.run()
            return (server, String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        }
        func asked() -> Int { (try? Data(contentsOf: URL(fileURLWithPath: log)).count) ?? 0 }
        let (first, port) = try start("0", answers: .max)
        func audit(_ results: String) throws -> String {
            try self.audit(
                "ws://127.0.0.1:\(port)", results: results,
                [
                    "probes.names=[p01, p02]", "probes.conditions=[]", "probes.most_frames=12", "audit.controls=false", "audit.served.history=steps",
                    "audit.served.first_action=first_observed", "audit.served.connection.retries=0", "audit.served.connection.connect_timeout=5.0",
                ])
        }
        let whole = try audit("whole-server"), needed = asked()
        #expect(needed > 20)
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()

        let (second, _) = try start(port, answers: needed / 2)
        let failure = try #require(throws: Failure.self) { try audit("dying-server") }
        #expect(failure.location?.contains(port) == true, "\(failure)")
        second.waitUntilExit()
        #expect(asked() == needed + needed / 2)

        let (third, _) = try start(port, answers: .max)
        defer { kill(third.processIdentifier, SIGKILL) }
        let resumed = try audit("dying-server")
        // At most the piece that was under way is asked again.
        #expect(asked() - 2 * needed <= 8, "\(asked()) of \(needed)")
        for table in ["p01_samples", "p02_samples"] {
            #expect(try rows(whole, "probes/\(table).csv", of: "audited") == rows(resumed, "probes/\(table).csv", of: "audited"), "\(table)")
        }
    }

    @Test func `a policy that has seen every demonstration is asked what remains, and the rest is said`() throws {
        let trained = try Self.trained.get()
        let names = try RobomimicFile.names(TinyStudy.dataset.get()).joined(separator: ",")
        let run = try audit(trained.run, results: "everything", ["audit.trained_on=\"\(names)\""])
        #expect(trained.tiny.said.all.contains("trained on every demonstration of the file"))
        let endpoints = Set(try SummaryRecord.read(run + "/summary.csv").filter { $0.policy == "audited" }.map { String($0.endpoint.prefix(3)) })
        #expect(endpoints.isSuperset(of: ["p01", "p08", "p09"]) && !endpoints.contains("p03"))
    }

    @Test func `checkpoints of one training are asked together, and memory is shown against their steps`() throws {
        let trained = try Self.trained.get(), folder = try SharedData.temporaryFolder() + "/checkpoints"
        for step in ["000020", "000040", "000100"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(step)", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: trained.run + "/policy/diffusion", toPath: "\(folder)/\(step)/pretrained_model")
        }
        let few = ["--results", "results", "-q", "probes.names=[p01, p12]", "probes.conditions=[]", "probes.most_frames=6", "audit.fast_steps=null", "audit.controls=false", "probes.resamples=20"]
        let places = ["000040", "000100", "000020"].map { "\(folder)/\($0)" }
        let told = try BuiltProgram.run(
            ["audit"] + places.map { $0 + "/pretrained_model" } + few + ["--data", TinyStudy.dataset.get(), "--trained-on", trained.trainedOn], in: folder)
        try #require(told.status == 0, "\(told.error)")
        let run = try #require(FileManager.default.contentsOfDirectory(atPath: folder + "/results/audit").first)
        let table = try CSVText.read("\(folder)/results/audit/\(run)/probes/p12_training.csv")
        let steps = try #require(table.columns.firstIndex(of: "steps")), policy = try #require(table.columns.firstIndex(of: "policy"))
        #expect(table.rows.map { $0[steps] } == ["20", "40", "100"] && table.rows.map { $0[policy] } == ["audited_at_20", "audited_at_40", "audited"])
        let unnamed = try BuiltProgram.run(
            ["audit", places[0], trained.run + "/policy/diffusion", "--data", TinyStudy.dataset.get(), "--trained-on", trained.trainedOn], in: folder)
        #expect(unnamed.status == 64 && unnamed.error.contains("does not say how long it was trained"))
    }

    @Test func `a policy is asked by a second sampler only where that one is shorter than its own`() throws {
        let trained = try Self.trained.get()
        func fastSteps(_ more: [String]) throws -> Int? {
            try ExperimentFile.load(trained.tiny.experiment.path, overrides: overrides(trained, trained.run, more)).resolvingAudit().settings.audit?.fastSteps
        }
        // Trained with 4 levels of noise.
        #expect(try fastSteps([]) == 4)
        #expect(try fastSteps(["audit.fast_steps=2"]) == 2)
        #expect(try fastSteps(["audit.sampler=ddim", "audit.inference_steps=4", "audit.fast_steps=2"]) == 2)
        #expect(try fastSteps(["audit.sampler=ddim", "audit.inference_steps=2", "audit.fast_steps=2"]) == nil)
        #expect(try fastSteps(["audit.sampler=ddim", "audit.inference_steps=2"]) == nil)
    }

    @Test func `what does not fit is refused before anything is asked`() throws {
        let unknown = try refusal(["audit.trained_on=nothing"])
        #expect(unknown.kind == .data && unknown.what.contains("filter key"))
        let name = try refusal(["audit.trained_on=\"demo_0,demo_99\""])
        #expect(name.found == "demo_99")
        #expect(try refusal(["audit.trained_on=demo_0"]).expected?.contains("at least 2") == true)
        #expect(try refusal(["audit.keys={state: object}"]).location == "audit.keys")
        #expect(try refusal(["audit.inference_steps=9"]).expected == "1 to 4")
        #expect(try refusal(["audit.identity=other"]).what.contains("not the one that this run was made with"))
        #expect(try refusal(["audit.policy=nowhere"]).kind == .inputMissing)
    }
}
