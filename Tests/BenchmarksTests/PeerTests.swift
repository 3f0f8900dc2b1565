import Basics
import Benchmarks
import Foundation
import TestSupport
import Testing

@Suite struct PeerTests {
    @Test func `a ratio is the better variant's time over ours, per round, then the median with its extremes`() {
        let summary = PeerSummary(
            row: "r", library: .torch, target: "-",
            turns: [
                PeerTurn(ours: 10, peers: ["nchw": 30, "channels_last": 20]),  // 2
                PeerTurn(ours: 20, peers: ["nchw": 30, "channels_last": 50]),  // 1.5
                PeerTurn(ours: 8, peers: ["nchw": 44, "channels_last": 40]),  // 5
                PeerTurn(ours: 10, peers: ["nchw": 90, "channels_last": 30]),  // 3
            ])
        #expect(summary.turns.map(\.ratio) == [2, 1.5, 5, 3])
        #expect(summary.ratio == (2.5, 1.5, 5))
        #expect(summary.ours == 10)
        #expect(summary.peer == 30)
        #expect(summary.variant == "channels_last")
    }

    @Test func `a row's target belongs to its first library`() throws {
        func targets(_ name: String) throws -> [String] {
            let row = try #require(PeerRow.all(BenchmarkRows.named([name], BenchmarkSizes())).first)
            return row.libraries.map { "\($0.rawValue) \(row.target(of: $0))" }
        }
        #expect(try targets("train_step_image") == ["PyTorch >= 2", "torch.compile -"])
        #expect(try targets("policy_query_100_steps") == ["PyTorch >= 8", "ONNX Runtime -", "OpenVINO -"])
        #expect(try targets("policy_query_100_steps_64_samples") == ["PyTorch >= 1.5", "ONNX Runtime -", "OpenVINO -"])
        #expect(try targets("reference_unet_one_step") == ["PyTorch >= 2", "ONNX Runtime -", "OpenVINO -"])
        #expect(try targets("lookup_top5_1000000") == ["FAISS >= 2", "usearch -"])
        #expect(try targets("load_robomimic") == ["h5py >= 1"])
        #expect(try targets("memory_train_step") == ["PyTorch >= 1"])
    }

    private func compare(_ rows: [String], python: String, script: String) throws -> PeerReport {
        try PeerComparison(
            rows: BenchmarkRows.named(rows, .tiny), context: BenchmarkTests.context(), rounds: 2,
            effort: .init(runs: 1, seconds: 0)
        ).run(python: python, script: script)
    }

    private func script(_ text: String) throws -> String {
        let path = try SharedData.temporaryFolder() + "/peer.sh"
        try AtomicFile.write(text, to: path)
        return path
    }

    @Test func `missing python is said clearly, with how to install it`() throws {
        #expect { try compare([], python: "no-such-python", script: "x.py") } throws: { error in
            guard let failure = error as? Failure else { return false }
            return failure.kind == .inputMissing && failure.what.contains("python is not installed")
                && (failure.remedy ?? "").contains(
                    "pip install numpy torch onnx onnxscript onnxruntime openvino faiss-cpu usearch h5py")
        }
    }

    @Test func `a missing peer program is said clearly`() throws {
        #expect { try compare([], python: "/bin/sh", script: "absent.py") } throws: { ($0 as? Failure)?.kind == .inputMissing }
    }

    /// A peer in shell that runs `body` for every request it reads, by default to answer always the same.
    private func peer(versions: [String: String?], body: String) throws -> String {
        let greeting = String(decoding: try JSONEncoder().encode(["versions": versions]), as: UTF8.self)
        return try script("""
            echo '\(greeting)'
            while read -r request; do \(body); done
            """)
    }

    private func peer(versions: [String: String?], answer: String) throws -> String {
        try peer(versions: versions, body: "echo '\(answer)'")
    }

    /// Everything the peer can use is there.
    private var installed: [String: String?] {
        Dictionary(uniqueKeysWithValues: PeerPackage.allCases.map { ($0.rawValue, "1") })
    }

    @Test func `every library has a line of its own beside the same rounds of ours, and says why it has none`() throws {
        let path = try peer(
            versions: installed,
            answer: """
                {"variants": {"OpenVINO": {"exported": 3e9}, "PyTorch": {"b": 1e9, "a": 2e9}}, "skipped": {"ONNX Runtime": "it differs"}}
                """)
        let report = try compare(["alt_encode_one"], python: "/bin/sh", script: path)
        #expect(report.summaries.map(\.library) == [.torch, .openvino])
        #expect(report.summaries.map(\.peer) == [1e9, 3e9])
        #expect(report.summaries[0].turns.map(\.ours) == report.summaries[1].turns.map(\.ours))
        let content = try CSVText.parse(report.table.csv, name: "peers.csv")
        func cells(_ column: String) -> [String?] { content.rows.map { content.value(column, of: $0) } }
        #expect(cells("row") == ["alt_encode_one", "alt_encode_one", "alt_encode_one"])
        #expect(cells("peer") == ["PyTorch", "OpenVINO", "ONNX Runtime"])
        #expect(cells("variant") == ["b", "exported", "NA"])
        #expect(cells("target") == [">= 2", "-", "NA"])
        #expect(cells("rounds") == ["2", "2", "0"])
        #expect(cells("note") == ["NA", "NA", "skipped: it differs"])
        #expect(try CSVText.parse(report.rounds.csv, name: "peer_rounds.csv").rows.count == 2 * 3)
        #expect(report.text(python: "python3").contains("skipped  ONNX Runtime in alt_encode_one: it differs\n"))
    }

    @Test func `libraries whose package is missing are left out with the command that installs it`() throws {
        var versions = installed
        for absent in [PeerPackage.faiss, .usearch] { versions[absent.rawValue] = .some(nil) }
        versions[PeerPackage.onnxruntime.rawValue] = nil
        let path = try peer(
            versions: versions,
            answer: #"{"variants": {"PyTorch": {"b": 1e9, "a": 2e9}, "torch.compile": {"a": 1e9}, "OpenVINO": {"a": 1e9}}}"#)
        let report = try compare(
            ["train_step_alt", "alt_encode_one", "lookup_top5_50", "lookup_top5_300", "memory_train_step"], python: "/bin/sh", script: path)
        #expect(
            report.summaries.map(\.row) == ["train_step_alt", "train_step_alt", "alt_encode_one", "alt_encode_one", "memory_train_step"])
        #expect(report.summaries.map(\.library) == [.torch, .torchCompile, .torch, .openvino, .torch])
        #expect(report.summaries.allSatisfy { $0.turns.count == 2 && $0.ratio.low > 1 })
        #expect(report.skipped.map(\.library) == [.onnxRuntime, .faiss, .usearch, .faiss, .usearch])
        let text = report.text(python: "python3")
        #expect(text.contains("skipped  FAISS in lookup_top5_50, lookup_top5_300: needs faiss-cpu\n"))
        #expect(text.contains("skipped  ONNX Runtime in alt_encode_one: needs onnxruntime\n"))
        #expect(text.contains("python3 -m pip install onnxruntime faiss-cpu usearch`"))
        let content = try CSVText.parse(report.table.csv, name: "peers.csv")
        #expect(content.rows.map { content.value("unit", of: $0) }.prefix(5) == ["ms", "ms", "ms", "ms", "MiB"])
    }

    @Test func `without any package there is nothing to compare`() throws {
        let path = try peer(versions: ["numpy": nil, "torch": nil, "faiss": nil, "h5py": nil], answer: "{}")
        #expect { try compare(["train_step_alt"], python: "/bin/sh", script: path) } throws: { error in
            guard let failure = error as? Failure else { return false }
            return failure.kind == .inputMissing && (failure.found ?? "").contains("torch")
        }
    }

    private struct Request: Decodable {
        let row: String
        let libraries: [String]
        let runs: Int
    }

    @Test func `a row is prepared before its first round, by the libraries that are installed`() throws {
        let log = try SharedData.temporaryFolder() + "/requests"
        let path = try peer(
            versions: ["numpy": "1", "torch": "2"],
            body: #"echo "$request" >> '\#(log)'; echo '{"variants": {"PyTorch": {"a": 1}}, "skipped": {}}'"#)
        _ = try compare(["alt_encode_one"], python: "/bin/sh", script: path)
        let requests = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Request.self, from: Data($0.utf8))
        }
        #expect(requests.map(\.runs) == [0, 1, 1])
        #expect(requests.allSatisfy { $0.row == "alt_encode_one" && $0.libraries == ["PyTorch"] })
    }

    @Test func `a library that fails in a later round has no line, and the others keep all their rounds`() throws {
        let good = #"{"variants": {"FAISS": {"a": 1}, "usearch": {"a": 1}}, "skipped": {}}"#
        let bad = #"{"variants": {"FAISS": {"a": 1}}, "skipped": {"usearch": "out of memory"}}"#
        // The second round is the third request.
        let path = try peer(
            versions: installed, body: "n=$((n + 1)); if [ $n -lt 3 ]; then echo '\(good)'; else echo '\(bad)'; fi")
        let report = try compare(["lookup_top5_50"], python: "/bin/sh", script: path)
        #expect(report.summaries.map(\.library) == [.faiss])
        #expect(report.summaries.map(\.turns.count) == [2])
        #expect(report.skipped.map(\.library) == [.usearch])
        #expect(report.skipped.map(\.reason) == ["out of memory"])
    }

    @Test func `a row that fails in the peer leaves the others their turns`() throws {
        let path = try peer(versions: ["numpy": "1", "torch": "2"], answer: #"{"error": "out of memory"}"#)
        let report = try compare(["train_step_alt", "memory_train_step"], python: "/bin/sh", script: path)
        #expect(report.summaries.isEmpty)
        #expect(report.skipped.map(\.row) == ["train_step_alt", "train_step_alt", "memory_train_step"])
        #expect(report.skipped.allSatisfy { $0.reason == "out of memory" })
    }

    @Test func `a peer that ends is an error`() throws {
        let path = try script("echo '{\"versions\": {\"numpy\": \"1\", \"torch\": \"2\"}}'")
        #expect { try compare(["train_step_alt"], python: "/bin/sh", script: path) } throws: { ($0 as? Failure)?.what == "the peer ended" }
    }

    /// Any Python 3.10 or later, for what the peer does without packages.
    private static let python: ExternalProgram? = {
        guard let program = ExternalProgram("python3"),
            let result = try? program.run(["-c", "import sys; sys.exit(sys.version_info < (3, 10))"])
        else { return nil }
        return result.status == 0 ? program : nil
    }()

    @Test(.enabled(if: python != nil, "needs Python 3.10 or later"))
    func `the peer's own program times a library, and says why another cannot be imported`() throws {
        let python = try #require(Self.python), packages = try SharedData.temporaryFolder()
        // Packages in name alone; h5py's file holds one demonstration without images.
        try AtomicFile.write("", to: packages + "/numpy.py")
        try AtomicFile.write("", to: packages + "/usearch.py")
        try AtomicFile.write(
            """
            print("a word that is no answer")

            class Dataset:
                def __len__(self):
                    return 1

                def __getitem__(self, key):
                    return key

            class File(dict):
                def __init__(self, path):
                    super().__init__(data={"demo_0": {"actions": Dataset(), "obs": {"position": Dataset()}}})

                def __enter__(self):
                    return self

                def __exit__(self, *error):
                    pass
            """, to: packages + "/h5py.py")
        let path = try script("PYTHONPATH='\(packages)' exec '\(python.path)' '\(SharedData.fixture("peers/torch_peer.py"))' \"$@\"")
        let report = try compare(["lookup_top5_50", "load_robomimic"], python: "/bin/sh", script: path)
        #expect(report.summaries.map(\.library) == [.h5py])
        #expect(report.summaries.allSatisfy { $0.turns.allSatisfy { Set($0.peers.keys) == ["whole", "read_direct"] } })
        #expect(report.skipped.contains { $0.library == .usearch && $0.reason.contains("usearch.index") })
    }
}
