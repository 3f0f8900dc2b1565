import Basics
import Benchmarks
import Foundation
import TestSupport
import Testing

@Suite struct PeerTests {
    @Test func `a ratio is the better variant's time over ours, per round, then the median with its extremes`() {
        let summary = PeerSummary(
            row: "r", target: "-",
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
                && (failure.remedy ?? "").contains("pip install numpy torch faiss-cpu h5py")
        }
    }

    @Test func `a missing peer program is said clearly`() throws {
        #expect { try compare([], python: "/bin/sh", script: "absent.py") } throws: { ($0 as? Failure)?.kind == .inputMissing }
    }

    /// A peer in shell: it takes every answer from `answers`, whatever it is asked.
    private func peer(versions: String, answer: String) throws -> String {
        try script("""
            echo '{"versions": \(versions)}'
            while read -r request; do echo '\(answer)'; done
            """)
    }

    @Test func `rows whose package is missing are left out with the command that installs it`() throws {
        let path = try peer(
            versions: #"{"numpy": "1", "torch": "2", "faiss": null, "h5py": "3"}"#, answer: #"{"variants": {"b": 1e9, "a": 2e9}}"#)
        let report = try compare(["train_step_alt", "lookup_top5_50", "memory_train_step"], python: "/bin/sh", script: path)
        #expect(report.summaries.map(\.row) == ["train_step_alt", "memory_train_step"])
        #expect(report.summaries.allSatisfy { $0.variant == "b" && $0.turns.count == 2 && $0.ratio.low > 1 })
        #expect(report.skipped.map(\.row) == ["lookup_top5_50"])
        let text = report.text(python: "python3")
        #expect(text.contains("skipped  lookup_top5_50: needs faiss-cpu"))
        #expect(text.contains("python3 -m pip install faiss-cpu"))
        let content = try CSVText.parse(report.table.csv, name: "peers.csv")
        #expect(content.rows.map { content.value("rounds", of: $0) } == ["2", "2", "0"])
        #expect(content.value("unit", of: content.rows[1]) == "MiB")
        #expect(try CSVText.parse(report.rounds.csv, name: "peer_rounds.csv").rows.count == 8)
    }

    @Test func `without any package there is nothing to compare`() throws {
        let path = try peer(versions: #"{"numpy": null, "torch": null, "faiss": null, "h5py": null}"#, answer: "{}")
        #expect { try compare(["train_step_alt"], python: "/bin/sh", script: path) } throws: { error in
            guard let failure = error as? Failure else { return false }
            return failure.kind == .inputMissing && (failure.found ?? "").contains("torch")
        }
    }

    @Test func `a row that fails in the peer leaves the others their turns`() throws {
        let path = try peer(versions: #"{"numpy": "1", "torch": "2"}"#, answer: #"{"error": "out of memory"}"#)
        let report = try compare(["train_step_alt", "alt_encode_one"], python: "/bin/sh", script: path)
        #expect(report.summaries.isEmpty)
        #expect(report.skipped.map(\.reason) == ["the peer failed: out of memory", "the peer failed: out of memory"])
    }

    @Test func `a peer that ends is an error`() throws {
        let path = try script("echo '{\"versions\": {\"numpy\": \"1\", \"torch\": \"2\"}}'")
        #expect { try compare(["train_step_alt"], python: "/bin/sh", script: path) } throws: { ($0 as? Failure)?.what == "the peer ended" }
    }
}
